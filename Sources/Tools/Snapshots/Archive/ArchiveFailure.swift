import EventSourcing

/// Why an archive does not give what is asked of it: one line that says what and where.
public enum ArchiveFailure: Error, Hashable, Sendable {
    /// There is no base in it.
    case empty(place: String)
    /// A file that others lead up to is not there.
    case missing(place: String, after: UInt64, through: UInt64)
    /// A file does not go on where the one before it ends, or is not what its name says.
    case mixed(path: String, reason: String)
    /// What is asked for was gone from the cluster before it was archived.
    case neverArchived(place: String, after: UInt64, through: UInt64)
    /// No base is so old.
    case beforeFirst(place: String, first: LogPosition)
    /// The archive ends before it.
    case behindLast(place: String, last: LogPosition)
}

extension ArchiveFailure: CustomStringConvertible {
    public var description: String {
        switch self {
        case .empty(let place): "\(place) is no archive: there is no base in it"
        case .missing(let place, let after, let through):
            "\(place) lacks the log from \(after + 1) to \(through): no file leads from \(after) on"
        case .mixed(let path, let reason): "\(path) does not belong there: \(reason)"
        case .neverArchived(let place, let after, let through):
            "\(place) has never had the log from \(after + 1) to \(through): it was gone from the cluster by then"
        case .beforeFirst(let place, let first): "\(place) begins at \(first): no base in it is so old"
        case .behindLast(let place, let last): "\(place) ends at \(last)"
        }
    }
}
