import Consensus
import EventSourcing

/// Changes of states that wait for the next write, and how far the log behind them may go.
struct QueuedStates {
    /// States that change together, and how far they bring the checkpoint.
    private struct Group {
        let changes: StateChanges
        let checkpoint: EntryIndex
    }

    /// Rows of state that ride on one write, so that entries never wait long for a clean-up. One group may be larger.
    static let changesPerWriteMax = 8_192

    private var groups: [Group] = []
    /// Whether the states are sent to no other node.
    var isAlone: Bool

    /// - Parameter checkpoint: the stored one.
    init(checkpoint: EntryIndex, isAlone: Bool) {
        self.isAlone = isAlone
        complete = checkpoint
        handedOut = checkpoint
    }

    private var taken: UInt64 = 0
    /// The newest generation that is durable.
    var flushed: UInt64 = 0
    /// Entries up to here are needed by no follower of the log.
    private var released = EntryIndex.zero
    /// With all that was taken, the states have everything up to here.
    private var complete = EntryIndex.zero
    /// The newest checkpoint that was handed out.
    private var handedOut = EntryIndex.zero
    /// The log may go up to here, as was last said.
    private var compacted = EntryIndex.zero
    /// What was saved below it came from states that another node's have replaced.
    private var floor = EntryIndex.zero

    var isEmpty: Bool { groups.isEmpty && nextCheckpoint == nil && nextCompaction == nil }

    /// Where the checkpoint may go with the next write; nil when that is nowhere new.
    ///
    /// A node that gets these states has no log before the checkpoint: no follower of the log may need any of it.
    private var nextCheckpoint: EntryIndex? {
        let next = isAlone ? complete : min(complete, released)
        return next > handedOut ? next : nil
    }

    /// Up to where the log may go with the next write: the states have it, and every follower has seen it; nil when
    /// that is nowhere new.
    private var nextCompaction: EntryIndex? {
        let next = min(handedOut, released)
        return next > compacted ? next : nil
    }

    /// What one write carries.
    struct Saved {
        var changes = StateChanges()
        /// The checkpoint that the changes allow, if it is a new one.
        var checkpoint: EntryIndex?
        /// The log may go up to here.
        var compaction: EntryIndex?
        /// The newest generation in it.
        var generation: UInt64 = 0
    }

    /// - Returns: the generation; `.max`, which is never durable, for what comes from states that were replaced.
    mutating func queue(_ changes: StateChanges, through checkpoint: EntryIndex) -> UInt64 {
        guard checkpoint >= floor else { return .max }
        groups.append(Group(changes: changes, checkpoint: checkpoint))
        return taken + UInt64(groups.count)
    }

    mutating func release(through index: EntryIndex) { released = max(released, index) }

    /// Takes what the next write carries.
    mutating func take() -> Saved? {
        guard !isEmpty else { return nil }
        var saved = Saved()
        var count = 0
        for group in groups {
            guard count == 0 || saved.changes.count + group.changes.count <= Self.changesPerWriteMax else { break }
            saved.changes.append(group.changes)
            complete = max(complete, group.checkpoint)
            count += 1
        }
        groups.removeFirst(count)
        taken += UInt64(count)
        saved.generation = taken
        saved.checkpoint = nextCheckpoint
        if let checkpoint = saved.checkpoint { handedOut = checkpoint }
        saved.compaction = nextCompaction
        if let compaction = saved.compaction { compacted = compaction }
        return saved
    }

    /// Another node's states, complete up to `index`, replace ours.
    mutating func replace(upTo index: EntryIndex) {
        taken += UInt64(groups.count)
        groups = []
        floor = index
        complete = max(complete, index)
        handedOut = max(handedOut, index)
    }
}

extension Membership {
    /// Whether one node decides alone.
    var hasOneVoter: Bool { voters.count == 1 && outgoingVoters.isEmpty }
}
