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
        let chunks = chunks(from: lower, upTo: upper)
        var found: [StateRow] = []
        for number in reversed ? Array(chunks.reversed()) : Array(chunks) where found.count < limit {
            let rows = try chunk(number)
            let first = rows.count(before: lower)
            let asked = rows[first..<max(first, rows.count(before: upper))]
            if reversed {
                found += asked.suffix(limit - found.count).reversed()
            } else {
                found += asked.prefix(limit - found.count)
            }
        }
        return found
    }

    public func forEachRow(
        from lower: [UInt8], upTo upper: [UInt8],
        _ body: (_ key: ArraySlice<UInt8>, _ value: ArraySlice<UInt8>) throws -> Void
    ) throws {
        for number in chunks(from: lower, upTo: upper) {
            try file.packedRows(of: number).forEachRow { key, value in
                guard !key.lexicographicallyPrecedes(lower), key.lexicographicallyPrecedes(upper) else { return }
                try body(key, value)
            }
        }
    }

    /// The last chunk that begins at or before `lower`, and those behind it that begin before `upper`.
    private func chunks(from lower: [UInt8], upTo upper: [UInt8]) -> ArraySlice<Int> {
        let start = numbers.lastIndex { !lower.lexicographicallyPrecedes(file.places[$0].first) } ?? 0
        return numbers[min(start, numbers.count)...].prefix {
            file.places[$0].first.lexicographicallyPrecedes(upper)
        }
    }

    private func chunk(_ number: Int) throws -> [StateRow] {
        if let recent = recent.withLock({ $0 }), recent.number == number { return recent.rows }
        let rows = try file.rows(of: number)
        recent.withLock { $0 = (number, rows) }
        return rows
    }
}

extension [StateRow] {
    /// How many of them, which are in the order of their keys, have one before `key`.
    fileprivate func count(before key: [UInt8]) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if self[middle].key.lexicographicallyPrecedes(key) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
