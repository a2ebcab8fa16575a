/// Why a snapshot cannot be written or is not taken: one line that says what and where.
public enum SnapshotFailure: Error, Hashable, Sendable {
    /// The file does not begin as a snapshot does.
    case notASnapshot(path: String)
    /// A program of another version wrote it.
    case formatVersion(path: String, found: UInt16)
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
    }
}

extension SnapshotFailure.Place: CustomStringConvertible {
    public var description: String {
        switch self {
        case .header: "the header"
        case .end: "the end"
        case .chunk(let number, let offset): "chunk \(number) at byte \(offset)"
        }
    }
}

extension SnapshotFailure: CustomStringConvertible {
    public var description: String {
        switch self {
        case .notASnapshot(let path): "\(path) is not a snapshot"
        case .formatVersion(let path, let found):
            "\(path) has format version \(found), this program reads version \(SnapshotHeader.format)"
        case .damaged(let path, let place, let reason): "\(path) is damaged at \(place): \(reason)"
        case .alreadyThere(let path): "\(path) is there already; --force replaces it"
        case .system(let operation, let message): "\(operation) failed: \(message)"
        }
    }
}
