import EventSourcing
import Synchronization

/// The states of one shard as they lie in a snapshot.
public final class SnapshotStates: StateStore {
    private let file: SnapshotFile
    private let numbers: [Int]
    /// The chunk that was read last: rows are mostly asked for in their order.
    private let recent = Mutex<(number: Int, rows: [StateRow])?>(nil)

    init(of shard: ShardID, in file: SnapshotFile) {
        self.file = file
        numbers = file.numbers(.rows, of: shard)
    }

    public func value(forKey key: [UInt8]) throws -> [UInt8]? {
        try rows(from: key, upTo: key + [0], reversed: false, limit: 1).first?.value
    }

    public func rows(from lower: [UInt8], upTo upper: [UInt8], reversed: Bool, limit: Int) throws -> [StateRow] {
        // The last chunk that begins at or before `lower`, and those behind it that begin before `upper`.
        let start = numbers.lastIndex { !lower.lexicographicallyPrecedes(file.places[$0].first) } ?? 0
        let chunks = numbers[min(start, numbers.count)...].prefix {
            file.places[$0].first.lexicographicallyPrecedes(upper)
        }
        var found: [StateRow] = []
        for number in reversed ? Array(chunks.reversed()) : Array(chunks) where found.count < limit {
            let rows = try chunk(number).filter { row in
                !row.key.lexicographicallyPrecedes(lower) && row.key.lexicographicallyPrecedes(upper)
            }
            found += (reversed ? rows.reversed() : rows).prefix(limit - found.count)
        }
        return found
    }

    private func chunk(_ number: Int) throws -> [StateRow] {
        if let recent = recent.withLock({ $0 }), recent.number == number { return recent.rows }
        let rows = try file.rows(of: number)
        recent.withLock { $0 = (number, rows) }
        return rows
    }
}
