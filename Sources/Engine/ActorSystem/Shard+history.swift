import EventSourcing

/// How far the search for history that is older than the log has come.
struct HistoryPruning {
    /// Where the next slice begins; nil between two searches.
    var position: [UInt8]?
    /// The tick of the next search.
    var nextTick: UInt64 = 0
    /// What the log began with when the last search began.
    var firstKept = LogIndex(1)
}

/// History reaches as far back as the log: what retention has taken out of it goes here too, a slice of chunks at a
/// tick. The states stay, whatever made them.
///
/// Without retention there is nothing to look for. A chunk goes once all of its rows tell of records that are gone.
extension Shard {
    func pruneHistorySlice() {
        guard let from = pruning.position ?? beginPruning() else { return }
        do {
            let chunks = try states.rows(
                from: from, upTo: [StateKeys.histories + 1], reversed: false, limit: limits.pruneChunksPerTickMax)
            let old = try chunks.filter { chunk in
                guard let newest = try HistoryRow.decode(chunk.value).last else { return true }
                return newest.index < pruning.firstKept
            }
            pruning.position = chunks.last.map { $0.key + [0] }
            if chunks.count < limits.pruneChunksPerTickMax { pruning.position = nil }
            guard !old.isEmpty else { return }
            let changes = StateChanges(old.lazy.map { StateChange(key: $0.key, value: nil) })
            _ = journal.checkpoint(changes, through: journal.checkpoint)
        } catch {
            stop(error)
        }
    }

    /// - Returns: where a search begins that is due; nil when there is nothing to look for.
    private func beginPruning() -> [UInt8]? {
        let firstKept = journal.first
        guard tick >= pruning.nextTick, firstKept > pruning.firstKept else { return nil }
        pruning.firstKept = firstKept
        pruning.nextTick = tick + limits.forgetRestTicks
        return [StateKeys.histories]
    }
}
