import Consensus
import EventSourcing
import Wire

/// What consensus promises: one leader a term, one log for all, nothing handed on that a quorum does not have on its
/// disks, and the same states from the same records.
final class LogChecker: Checker {
    private struct Reign: Hashable {
        let shard: ShardID
        let term: Term
    }

    private struct Change: Hashable {
        let shard: ShardID
        let index: LogIndex
        let kind: AggregateKind
        let id: [UInt8]
    }

    private var leaders: [Reign: NodeID] = [:]
    private var states: [Change: UInt32] = [:]
    /// As of the last entries handed on, the newest last.
    private var memberships: [ShardID: [Membership]] = [:]
    /// What a leader knew to be committed when it first sent something.
    private var inherited: [Reign: EntryIndex] = [:]
    /// Into a joint membership and out of it again, in one go.
    private static let recentMemberships = 3

    func observe(_ observation: Observation, in world: World) {
        switch observation {
        case .leads(let node, let shard, let term, _):
            let reign = Reign(shard: shard, term: term)
            if let other = leaders.updateValue(node, forKey: reign), other != node {
                world.violate("nodes \(other) and \(node) both lead shard \(shard) in term \(term)")
            }
        case .committed(let node, let shard, let entry, let isFirst):
            guard isFirst else {
                let known = world.histories[Int(shard.rawValue)][entry.index]
                if known != entry {
                    world.violate(
                        "node \(node) hands on another entry \(entry.index) of shard \(shard) than was committed")
                }
                return
            }
            checkQuorum(entry, of: shard, on: node, in: world)
        case .applied(let node, let shard, let index, let kind, let id, let row):
            let change = Change(shard: shard, index: index, kind: kind, id: id)
            let checksum = CRC32C.checksum(row)
            if let other = states.updateValue(checksum, forKey: change), other != checksum {
                world.violate(
                    "record \(index) of shard \(shard) makes another state of kind \(kind.rawValue) on node \(node)")
            }
        case .sent(_, let shard, let message):
            guard case .append(_, _, let commit) = message.body else { return }
            let reign = Reign(shard: shard, term: message.term)
            if inherited[reign] == nil { inherited[reign] = commit }
        default: break
        }
    }

    /// The node that first hands an entry on must be able to rely on the disks of a quorum. Changes of membership take
    /// effect when they are handed on, and an entry behind one may have been committed by the members before it.
    private func checkQuorum(_ entry: Entry, of shard: ShardID, on node: NodeID, in world: World) {
        guard let journal = world.process(of: node)?.journals[Int(shard.rawValue)] else { return }
        var recent = memberships[shard] ?? []
        if recent.last != journal.membership { recent.append(journal.membership) }
        memberships[shard] = recent.suffix(Self.recentMemberships)
        checkTerm(entry, of: shard, on: node, journal.status, in: world)
        guard !recent.contains(where: { isHeld(entry, of: shard, by: $0, in: world) }) else { return }
        world.violate(
            "node \(node) hands on entry \(entry.id) of shard \(shard), which no quorum of "
                + "\(Array(journal.membership.voters)) has")
    }

    /// A leader commits an entry of its own term by counting, and those before it with it: alone they may still be lost
    /// (Raft, section 5.4.2).
    private func checkTerm(_ entry: Entry, of shard: ShardID, on node: NodeID, _ status: Status, in world: World) {
        let term = status.hardState.term
        guard status.role == .leader, entry.term < term, status.hardState.commit == entry.index,
            let known = inherited[Reign(shard: shard, term: term)], entry.index > known
        else { return }
        world.violate("node \(node) leads shard \(shard) in term \(term), and commits \(entry.id) by counting")
    }

    private func isHeld(_ entry: Entry, of shard: ShardID, by membership: Membership, in world: World) -> Bool {
        [membership.voters, membership.outgoingVoters].allSatisfy { voters in
            let holders = voters.count { world.node($0)?.disk.holds(entry.id, of: shard) == true }
            return voters.isEmpty || holders * 2 > voters.count
        }
    }
}
