import EventSourcing

/// Where something was found.
public enum Place: Hashable, Sendable, CustomStringConvertible {
    case record(ShardID, LogIndex)
    /// The state from which a log goes on whose beginning is gone.
    case savedState(ShardID)
    /// What only the whole of the logs shows.
    case end

    public var description: String {
        switch self {
        case .record(let shard, let index): "shard \(shard), record \(index)"
        case .savedState(let shard): "shard \(shard), a saved state"
        case .end: "at the end"
        }
    }
}

/// A promise that the logs break.
public struct Finding: Hashable, Sendable, CustomStringConvertible {
    public let place: Place
    public let what: String
    public var description: String { "\(place): \(what)" }
}

/// What has been found, the first so many in full: one damage may be seen in every record behind it.
public struct Findings: Sendable {
    public private(set) var first: [Finding] = []
    public private(set) var count = 0
    /// More than a person reads.
    static let keptMax = 100

    public var isEmpty: Bool { count == 0 }

    mutating func add(_ what: String, at place: Place) {
        count += 1
        if first.count < Self.keptMax { first.append(Finding(place: place, what: what)) }
    }

    mutating func join(_ others: Findings) {
        count += others.count
        first += others.first.prefix(Self.keptMax - first.count)
    }
}
