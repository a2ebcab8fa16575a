import Consensus
import EventSourcing

/// What retention keeps of a shard's log for a reader outside of the node, however old it is.
public struct LogHold: Hashable, Sendable {
    /// Everything behind it is kept.
    let seen: EntryIndex
    /// While the log has no more than so many bytes: past it the reader has lost its place.
    let bytesMax: UInt64

    /// - Parameters:
    ///   - seen: the last record that the reader has for good.
    ///   - bytesMax: of the log of the shard.
    public init(behind seen: LogIndex, bytesMax: UInt64) {
        self.seen = EntryIndex(seen.rawValue)
        self.bytesMax = bytesMax
    }

    func keeps(_ index: EntryIndex, logBytes: UInt64) -> Bool { index > seen && logBytes <= bytesMax }
}

extension DataDirectory {
    /// Keeps what `hold` says of the log of `shard` from now on, until something else is said or the node stops.
    public func hold(_ shard: ShardID, _ hold: LogHold?) { directory.logs[Int(shard.rawValue)].hold = hold }
}
