/// Why a snapshot cannot be written or is not taken: one line that says what and where.
public enum SnapshotFailure: Error, Hashable, Sendable {
    /// The file does not begin as a snapshot does.
    case notASnapshot(path: String)
    /// A program of another version wrote it.
    case formatVersion(path: String, found: UInt16)
    /// A program of another version encrypted it.
    case encryptionVersion(path: String, found: UInt16)
    /// It is encrypted, and no key was given.
    case encrypted(path: String)
    /// It is encrypted with another key than the one that was given.
    case otherKey(path: String)
    /// It is not encrypted, and a key was given.
    case notEncrypted(path: String)
    /// Its bytes are not those that were written.
    case damaged(path: String, place: Place, reason: String)
    /// The output is there already, and was not to be replaced.
    case alreadyThere(path: String)
    /// The file system failed.
    case system(operation: String, message: String)

    public enum Place: Hashable, Sendable {
        case header, end
        /// The number of the chunk, and where it begins, in bytes.
        case chunk(Int, offset: Int)
        /// The number of the encrypted piece, and where it begins, in bytes.
        case piece(Int, offset: Int)
    }
}

extension SnapshotFailure.Place: CustomStringConvertible {
    public var description: String {
        switch self {
        case .header: "the header"
        case .end: "the end"
        case .chunk(let number, let offset): "chunk \(number) at byte \(offset)"
        case .piece(let number, let offset): "encrypted piece \(number) at byte \(offset)"
        }
    }
}

extension SnapshotFailure: CustomStringConvertible {
    public var description: String {
        switch self {
        case .notASnapshot(let path): "\(path) is not a snapshot"
        case .formatVersion(let path, let found):
            "\(path) has format version \(found), this program reads version \(SnapshotHeader.format)"
        case .encryptionVersion(let path, let found):
            "\(path) is encrypted in format version \(found), this program reads version \(FileSeal.format)"
        case .encrypted(let path): "\(path) is encrypted: --key-file has to name the file with its key"
        case .otherKey(let path): "\(path) is encrypted with another key than that of --key-file"
        case .notEncrypted(let path): "\(path) is not encrypted: --key-file is to be left out"
        case .damaged(let path, let place, let reason): "\(path) is damaged at \(place): \(reason)"
        case .alreadyThere(let path): "\(path) is there already; --force replaces it"
        case .system(let operation, let message): "\(operation) failed: \(message)"
        }
    }
}
