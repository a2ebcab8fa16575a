import ActorSystem
import Checkout
import Consensus
import EventSourcing

/// A duty that only says when it begins and ends: the duties beside it do so at the same moments.
struct WatchedDuty: LeaderDuty, @unchecked Sendable {
    // One thread: the world's.
    unowned let process: NodeProcess

    func perform(on shard: Shard) async {
        let (world, node, life) = (process.world, process.node.id, process.life)
        world.observe(.onDuty(node, shard.id))
        // Nothing ends this wait but the end of the task or of the node.
        _ = await life.wait { _ in }
        if !life.isOver { world.observe(.offDuty(node, shard.id)) }
    }
}

/// Whether the leader of each shard, and no other node, is at its duties once the cluster is at rest.
final class DutyChecker: Checker {
    private struct Duty: Hashable {
        let node: NodeID
        let shard: ShardID
    }

    private var duties: Set<Duty> = []

    func observe(_ observation: Observation, in world: World) {
        switch observation {
        case .onDuty(let node, let shard):
            if !duties.insert(Duty(node: node, shard: shard)).inserted {
                world.violate("node \(node) takes up the duties of shard \(shard) twice")
            }
        case .offDuty(let node, let shard): duties.remove(Duty(node: node, shard: shard))
        case .crashed(let node): duties = duties.filter { $0.node != node }
        default: break
        }
    }

    func unsettled(in world: World) -> String? {
        for node in world.nodes {
            for journal in node.process?.journals ?? [] {
                let isOnDuty = duties.contains(Duty(node: node.id, shard: journal.shard))
                guard isOnDuty != (journal.standing.leadership != nil) else { continue }
                return "node \(node.id) is \(isOnDuty ? "" : "not ")at the duties of shard \(journal.shard)"
            }
        }
        return nil
    }
}
