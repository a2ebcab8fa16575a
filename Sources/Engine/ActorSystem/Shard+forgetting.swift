import DequeModule
import EventSourcing

/// How far the search for states to forget has come, and which deletions are on their way to the disk.
struct Forgetting {
    /// Where the next slice begins; nil between two searches.
    var position: [UInt8]?
    /// The tick of the next search.
    var nextTick: UInt64 = 0
    private var pending: [RowBytes: UInt64] = [:]
    private var queued = Deque<(generation: UInt64, key: RowBytes)>()

    /// Whether the row under `key` has been forgotten, though it can still be read.
    func isPending(_ key: [UInt8]) -> Bool { pending[RowBytes(key)] != nil }

    mutating func didForget(_ keys: [[UInt8]], in generation: UInt64) {
        for key in keys {
            pending[RowBytes(key)] = generation
            queued.append((generation, RowBytes(key)))
        }
    }

    mutating func didFlush(_ flushed: UInt64) {
        while let first = queued.first, first.generation <= flushed {
            queued.removeFirst()
            if pending[first.key] == first.generation { pending[first.key] = nil }
        }
    }
}

/// States that mean nothing any more (`Recorded.forgetAfter`) are deleted, a slice of rows at a tick.
///
/// Only a row at or behind the durable checkpoint goes, so that a replay never meets an event whose state is missing,
/// and only one whose owner is not in memory. The clock is the log's, and only of
/// committed records.
extension Shard {
    func forgetSlice() {
        guard forgetting.position != nil || tick >= forgetting.nextTick else { return }
        let from = forgetting.position ?? [0]
        guard let kind = forgettableKinds.first(where: { $0.rawValue >= from[0] }), let table = table(of: kind)
        else {
            forgetting.position = nil
            forgetting.nextTick = tick + limits.forgetRestTicks
            return
        }
        do {
            let rows = try states.rows(
                from: from[0] == kind.rawValue ? from : [kind.rawValue], upTo: [kind.rawValue + 1], reversed: false,
                limit: limits.forgetRowsPerTickMax)
            try forget(rows.filter { !forgetting.isPending($0.key) }, table)
            forgetting.position = rows.last.map { $0.key + [0] } ?? [kind.rawValue + 1]
        } catch {
            stop(error)
        }
    }

    private func forget(_ rows: [StateRow], _ table: AnyOwnerTable) throws {
        let checkpoint = journal.checkpoint
        var keys: [[UInt8]] = []
        var changes = StateChanges()
        for row in rows {
            guard try table.forget(row, settledTime, checkpoint, &changes) else { continue }
            keys.append(row.key)
        }
        guard !keys.isEmpty else { return }
        forgetting.didForget(keys, in: journal.checkpoint(changes, through: checkpoint))
    }
}
