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
        indices = []
        for digits in parts[0].split(separator: "-", omittingEmptySubsequences: false) {
            guard let index = Self.number(digits) else { return nil }
            indices.append(LogIndex(index))
        }
        guard parts.count == 2 else { return }
        let pair = parts[1].split(separator: ".", omittingEmptySubsequences: false).compactMap(Self.number)
        guard pair.count == 2, pair[0] < indices.count, let events = Int(exactly: pair[1]), events > 0 else {
            return nil
        }
        partial = Partial(shard: Int(pair[0]), events: events)
    }

    private static func number(_ digits: Substring) -> UInt64? {
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return UInt64(digits)
    }
}
