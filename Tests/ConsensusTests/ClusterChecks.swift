@testable import Consensus

/// What holds in every execution (Raft, figure 3), and what our core adds to it.
struct ClusterChecks {
    /// By index: what any node has applied.
    private var committed: [Entry] = []
    private var leaders: [Term: NodeID] = [:]
    /// By read: what had been applied anywhere when it was asked for.
    private var reads: [UInt64: EntryIndex] = [:]

    /// What happened, so that a test can tell a rough run from an idle one.
    struct Counts {
        var entries = 0, leaders = 0, membershipChanges = 0, snapshots = 0, reads = 0

        static func += (left: inout Counts, right: Counts) {
            left.entries += right.entries
            left.leaders += right.leaders
            left.membershipChanges += right.membershipChanges
            left.snapshots += right.snapshots
            left.reads += right.reads
        }
    }
    var counts = Counts()

    var lastIndex: EntryIndex { EntryIndex(UInt64(committed.count)) }

    /// State machine safety: no node applies another entry at the same index.
    mutating func check(applied entry: Entry, by node: NodeID) throws {
        let position = Int(entry.index.rawValue) - 1
        if position == committed.count {
            committed.append(entry)
            counts.entries += 1
            if case .membershipChange = entry.payload { counts.membershipChanges += 1 }
        } else if position > committed.count || committed[position] != entry {
            throw Violation("\(node) applied \(entry), others \(committed.dropFirst(position).prefix(1))")
        }
    }

    /// Election safety and leader completeness.
    mutating func check(_ node: RandomNode) throws {
        try node.with { replica in
            if let failure = replica.failure { throw Violation("\(node.id) stopped: \(failure)") }
            guard replica.role == .leader else { return }
            if let other = leaders[replica.term], other != node.id {
                throw Violation("\(other) and \(node.id) lead in term \(replica.term)")
            }
            guard leaders.updateValue(node.id, forKey: replica.term) == nil else { return }
            counts.leaders += 1
            for entry in committed where entry.index >= replica.log.firstIndex && !replica.log.holds(entry.id) {
                throw Violation("\(node.id) leads term \(replica.term) without \(entry)")
            }
        }
    }

    /// No promise leaves before it is on disk.
    func check(_ message: Message, from node: RandomNode) throws {
        let hard = try node.store.stored(RandomNode.group).hardState
        switch message.body {
        case .vote(isGranted: true):
            guard hard.term > message.term || hard.term == message.term && hard.vote == message.to else {
                throw Violation("\(message) is not on disk: \(hard)")
            }
        case .appendAccepted(let matched):
            guard node.log.lastIndex >= matched, hard.term >= message.term || matched == .zero else {
                throw Violation("\(message) is not on disk: \(node.log.lastIndex), \(hard)")
            }
            if matched > .zero, matched <= lastIndex { try checkAgreement(of: node, at: matched) }
        default: break
        }
    }

    /// Up to `matched` the disk agrees with what is committed.
    private func checkAgreement(of node: RandomNode, at matched: EntryIndex) throws {
        for entry in committed.prefix(Int(matched.rawValue)) {
            if let term = node.log.term(at: entry.index), term != entry.term {
                throw Violation("\(node.id) acknowledged \(matched) and holds term \(term) at \(entry.index)")
            }
        }
    }

    /// Linearizability of reads.
    mutating func noteRead(_ id: UInt64) { reads[id] = lastIndex }

    mutating func check(_ read: ReadState) throws {
        counts.reads += 1
        guard let floor = reads[read.id], read.index < floor else { return }
        throw Violation("read \(read.id) got \(read.index), \(floor) had been applied before")
    }
}
