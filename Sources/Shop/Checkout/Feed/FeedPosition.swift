import EventSourcing

/// A place in the event feed: how far each shard's log has been read. Opaque to clients.
///
/// In text the indices by shard, joined by dashes, and within a record `~` with the shard and the number of its events
/// that have been seen: `17-5~1.3`.
public struct FeedPosition: Hashable, Sendable, LosslessStringConvertible {
    /// By shard: all events of the records up to here have been seen.
    var indices: [LogIndex]
    /// Some events of the record behind one of them have been seen too.
    var partial: Partial?

    struct Partial: Hashable, Sendable {
        let shard: Int
        /// How many, from the first one on, whether or not they were wanted.
        let events: Int
    }

    /// More than the shards of any cluster take.
    private static let textLengthMax = 64 << 10

    init(_ indices: [LogIndex]) { self.indices = indices }

    /// Behind all events up to a place in the logs.
    public init(_ position: LogPosition) { self.init(position.indexes) }

    public var description: String {
        let text = indices.map(\.description).joined(separator: "-")
        return partial.map { "\(text)~\($0.shard).\($0.events)" } ?? text
    }

    /// Reads the text form; nil when it is none.
    public init?(_ text: String) {
        guard text.utf8.count <= Self.textLengthMax else { return nil }
        let parts = text.split(separator: "~", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count) else { return nil }
        let digits = parts[0].split(separator: "-", omittingEmptySubsequences: false)
        indices = digits.compactMap { LogIndex($0) }
        guard indices.count == digits.count else { return nil }
        guard parts.count == 2 else { return }
        let pair = parts[1].split(separator: ".", omittingEmptySubsequences: false)
        guard pair.count == 2, let shard = UInt64(digits: pair[0], max: 5), shard < indices.count,
            let events = UInt64(digits: pair[1], max: 9), events > 0
        else { return nil }
        partial = Partial(shard: Int(shard), events: Int(events))
    }
}
