import HTTPTypes
import Hummingbird

/// The version of a resource as an entity tag (RFC 9110, section 8.8.3).
public struct EntityTag: Equatable, Sendable {
    /// With its quotes.
    public let text: String

    /// - Parameter version: the aggregate's; it changes with every change of the resource.
    public init(version: some BinaryInteger) { text = "\"\(version)\"" }

    /// For what has no version of its own.
    /// - Parameter opaque: letters, digits and the like; no quotes.
    public init(opaque: String) { text = "\"\(opaque)\"" }

    /// Whether the list of a condition names this tag. Weak tags compare as equal when `isWeak` (section 8.8.3.2).
    func isNamed(by condition: String, isWeak: Bool) -> Bool {
        var rest = Substring(condition)
        while true {
            rest = rest.drop { $0 == " " || $0 == "\t" || $0 == "," }
            if rest.isEmpty { return false }
            if rest.first == "*" { return true }
            let hasPrefix = rest.hasPrefix("W/")
            if hasPrefix { rest = rest.dropFirst(2) }
            guard rest.first == "\"", let end = rest.dropFirst().firstIndex(of: "\"") else { return false }
            if rest[...end] == text, isWeak || !hasPrefix { return true }
            rest = rest[rest.index(after: end)...]
        }
    }
}

extension Request {
    /// Whether the client has this version already (`If-None-Match`), so that 304 is the answer.
    public func isNotModified(_ tag: EntityTag) -> Bool {
        headers[.ifNoneMatch].map { tag.isNamed(by: $0, isWeak: true) } ?? false
    }

    /// Refuses a change that was meant for another version (`If-Match`).
    ///
    /// - Parameter isRequired: whether a change without the condition is refused too (428).
    public func requireMatch(_ tag: EntityTag, isRequired: Bool = false) throws(Problem) {
        guard let condition = headers[.ifMatch] else {
            if isRequired { throw Problem(.preconditionRequired) }
            return
        }
        guard tag.isNamed(by: condition, isWeak: false) else {
            throw Problem(.versionMismatch, "The current version is \(tag.text).", headers: [.eTag: tag.text])
        }
    }
}

extension Response {
    /// 304: the client's copy is current.
    public static func notModified(_ tag: EntityTag) -> Response {
        Response(status: .notModified, headers: [.eTag: tag.text])
    }
}
