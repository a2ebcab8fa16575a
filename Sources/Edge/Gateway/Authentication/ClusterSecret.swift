import Crypto
import Foundation

/// What the nodes of a cluster know, and no client: what one node tells a client, every other understands.
///
/// It never leaves a node. Each use has a key of its own, drawn from it by HKDF (RFC 5869), so that what is learnt of
/// one says nothing of another.
public struct ClusterSecret: Sendable {
    /// As many as the keys drawn from it have bytes.
    public static let lengthMin = 32

    public enum Failure: Error, CustomStringConvertible {
        case file(SecretFile.Failure)
        case tooShort(path: String)

        public var description: String {
            switch self {
            case .file(let failure): failure.description
            case .tooShort(let path): "\(path) has fewer than \(ClusterSecret.lengthMin) characters"
            }
        }
    }

    private let material: SymmetricKey

    /// - Parameter bytes: of full entropy; the same on every node.
    init(_ bytes: [UInt8]) { material = SymmetricKey(data: bytes) }

    /// Reads a file of mode 0600; the line's end is not part of the secret.
    public init(file path: String) throws(Failure) {
        let bytes: [UInt8]
        do throws(SecretFile.Failure) { bytes = try SecretFile.read(path) } catch { throw .file(error) }
        let end = bytes.lastIndex { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }.map { $0 + 1 } ?? 0
        guard end >= Self.lengthMin else { throw .tooShort(path: path) }
        self.init(Array(bytes[..<end]))
    }

    /// The key for one use.
    ///
    /// - Parameters:
    ///   - purpose: names the use; it is never changed.
    ///   - length: in bytes.
    func key(for purpose: String, length: Int = 32) -> SymmetricKey {
        HKDF<SHA256>.deriveKey(inputKeyMaterial: material, info: Data(purpose.utf8), outputByteCount: length)
    }
}
