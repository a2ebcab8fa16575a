import Foundation

/// A version of a secret. Neither text made of it nor a mirror shows what is in it.
public struct SecretContent: Sendable, CustomStringConvertible, CustomReflectable {
    let bytes: [UInt8]

    /// The value that a reference means.
    ///
    /// - Throws: `noSuchValue` where the secret is no object with a text under the reference's key.
    public func value(of reference: SecretReference) throws(CloudFailure) -> [UInt8] {
        guard let key = reference.key else { return bytes }
        guard let object = try? JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any],
            let text = object[key] as? String
        else { throw .noSuchValue(reference) }
        return Array(text.utf8)
    }

    public var description: String { "a secret" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
