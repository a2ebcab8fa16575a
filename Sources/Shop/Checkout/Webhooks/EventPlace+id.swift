import Commerce
import EventSourcing

/// An event's id names its shard and its place there: `shard.index.number`.
extension EventPlace {
    /// - Returns: nil for what is no id of an event.
    public static func find(_ id: String) -> (shard: ShardID, place: EventPlace)? {
        let parts = id.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let shard = UInt64(digits: parts[0], max: 4), shard < Slot.count,
            let index = LogIndex(parts[1]), let number = UInt64(digits: parts[2], max: 9)
        else { return nil }
        return (ShardID(UInt16(shard)), EventPlace(index: index, number: Int(number)))
    }

    /// The id of the event that is here in the log of `shard`.
    public func id(of shard: ShardID) -> String { "\(shard).\(index).\(number)" }
}
