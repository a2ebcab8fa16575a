import Consensus
import EventSourcing

/// Changes of states that wait for the next write, and how far the log behind them may go.
struct QueuedStates {
    /// States that change together, and how far they bring the checkpoint.
    private struct Group {
        let changes: [StateChange]
        let checkpoint: EntryIndex
    }

    /// Rows of state that ride on one write, so that entries never wait long for a clean-up. One group may be larger.
    static let changesPerWriteMax = 8_192

    private var groups: [Group] = []
    private var taken: UInt64 = 0
    /// The newest generation that is durable.
    var flushed: UInt64 = 0
    /// Entries up to here are needed by nobody who follows the log.
    var released = EntryIndex.zero
    /// What was saved below it came from states that another node's have replaced.
    private var floor = EntryIndex.zero

    var isEmpty: Bool { groups.isEmpty }

    /// - Returns: the generation; `.max`, which is never durable, for what comes from states that were replaced.
    mutating func queue(_ changes: [StateChange], through checkpoint: EntryIndex) -> UInt64 {
        guard checkpoint >= floor else { return .max }
        groups.append(Group(changes: changes, checkpoint: checkpoint))
        return taken + UInt64(groups.count)
    }

    /// Takes what the next write carries.
    ///
    /// - Returns: the changes, the index up to which the states have everything with them, and their generation.
    mutating func take() -> (changes: [StateChange], checkpoint: EntryIndex, generation: UInt64)? {
        guard let first = groups.first else { return nil }
        var (changes, checkpoint, count) = (first.changes, first.checkpoint, 1)
        for group in groups.dropFirst() {
            guard changes.count + group.changes.count <= Self.changesPerWriteMax else { break }
            changes += group.changes
            checkpoint = max(checkpoint, group.checkpoint)
            count += 1
        }
        groups.removeFirst(count)
        taken += UInt64(count)
        return (changes, checkpoint, taken)
    }

    /// Another node's states, complete up to `index`, replace ours.
    mutating func replace(upTo index: EntryIndex) {
        taken += UInt64(groups.count)
        groups = []
        floor = index
    }
}
