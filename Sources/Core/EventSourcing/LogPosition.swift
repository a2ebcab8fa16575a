/// A place in the logs of all shards: how far each of them is, by shard.
///
/// In text the indexes with commas between, in the order of the shards: `120,45`.
public struct LogPosition: Hashable, Sendable, LosslessStringConvertible {
    public let indexes: [LogIndex]

    /// - Parameter indexes: one a shard, in their order.
    public init(_ indexes: [LogIndex]) { self.indexes = indexes }

    /// How many entries lie at and before it, of all shards together. It rises with every entry.
    public var count: UInt64 { indexes.reduce(0) { $0 &+ $1.rawValue } }

    /// Whether nothing that lies at or before this place lies behind the other.
    public func isWithin(_ other: LogPosition) -> Bool {
        indexes.count == other.indexes.count && zip(indexes, other.indexes).allSatisfy { $0 <= $1 }
    }

    public subscript(shard: ShardID) -> LogIndex { indexes[Int(shard.rawValue)] }

    public var description: String { indexes.map(\.description).joined(separator: ",") }

    /// Reads the text form; nil when it is none.
    public init?(_ text: String) {
        let parts = text.split(separator: ",", maxSplits: Int(Slot.count), omittingEmptySubsequences: false)
        guard parts.count <= Int(Slot.count) else { return nil }
        indexes = parts.compactMap { LogIndex($0) }
        guard indexes.count == parts.count else { return nil }
    }
}
