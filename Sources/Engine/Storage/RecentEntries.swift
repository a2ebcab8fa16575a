import Consensus
import DequeModule

/// The newest entries of a shard's log, still in memory: the replica, and a follower close to the end of the log, read
/// them here and not from the disk, where each reader would pay for the checksum and a copy.
struct RecentEntries {
    /// A second or two of a busy shard, and half a gibibyte for a node of 64 busy shards. Past either limit the oldest
    /// go.
    static let countMax = 32_768
    static let bytesMax = 8 << 20

    /// Contiguous and ascending.
    private var entries = Deque<Entry>()
    private var bytes = 0

    /// Puts `added` at their indexes. What was there and behind goes.
    mutating func write(_ added: [Entry]) {
        guard let first = added.first?.index else { return }
        while let last = entries.last, last.index >= first { remove(entries.removeLast()) }
        for entry in added {
            entries.append(entry)
            bytes += entry.byteCount
        }
        while bytes > Self.bytesMax || entries.count > Self.countMax { remove(entries.removeFirst()) }
    }

    /// The log no longer holds the entries up to `base`.
    mutating func drop(through base: EntryIndex) {
        while let oldest = entries.first, oldest.index <= base { remove(entries.removeFirst()) }
    }

    mutating func removeAll() { self = RecentEntries() }

    private mutating func remove(_ entry: Entry) { bytes -= entry.byteCount }

    subscript(index: EntryIndex) -> Entry? {
        guard let oldest = entries.first?.index, oldest <= index else { return nil }
        let position = oldest.distance(to: index)
        return position < entries.count ? entries[position] : nil
    }

    /// A prefix of the entries in `range` of at most `bytesMax` bytes, but at least one; nil when the first of them has
    /// gone.
    func read(_ range: Range<EntryIndex>, bytesMax: Int) -> [Entry]? {
        guard let oldest = entries.first?.index, oldest <= range.lowerBound else { return nil }
        let start = oldest.distance(to: range.lowerBound)
        let limit = min(oldest.distance(to: range.upperBound), entries.count)
        guard start < limit else { return nil }
        var end = start
        var taken = 0
        repeat {
            taken += entries[end].byteCount
            if taken > bytesMax, end > start { break }
            end += 1
        } while end < limit
        return Array(entries[start..<end])
    }
}
