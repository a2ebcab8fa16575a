import ActorSystem
import Commerce
import Consensus
import EventSourcing
import Schema

/// Whether the cluster is raised to no version that a member does not read, no node is handed what came after its
/// program, and all nodes hear of the newest version once the last one reads it.
final class VersionChecker: Checker {
    func observe(_ observation: Observation, in world: World) {
        guard case .committed(let id, let shard, let entry, let isFirst) = observation,
            let node = world.node(id), let record = JournalRecord(entry)
        else { return }
        if isFirst, shard == .catalogue {
            for event in events(of: record, KindSet(ClusterUpgrade.kind)) {
                if case .raised(let version)? = event.of(ClusterUpgrade.self)?.event { judge(version, node, world) }
            }
        }
        guard node.program < .newest else { return }
        for event in events(of: record) where event.versionNeeded > node.program {
            let what = "record \(record.index) of shard \(shard)"
            world.violate("node \(id) of version \(node.program) is handed \(what), which came after it")
        }
    }

    /// What cannot be read is another checker's to tell.
    private func events(of record: JournalRecord, _ kinds: KindSet? = nil) -> [RetailEvent] {
        let body = try? kinds.map { try RecordBody(record.bytes, of: $0) } ?? RecordBody(record.bytes)
        return (body?.entries ?? []).flatMap { entry in
            entry.events.compactMap { try? RetailEvent(kind: entry.kind, id: entry.id, event: $0) }
        }
    }

    private func judge(_ version: ClusterVersion, _ node: SimulatedNode, _ world: World) {
        for journal in node.process?.journals ?? [] {
            for member in journal.membership.nodes {
                guard let program = world.node(member)?.program, program < version else { continue }
                world.violate("the cluster is raised to version \(version), and node \(member) reads \(program)")
            }
        }
    }

    func unsettled(in world: World) -> String? {
        let late = world.nodes.first { ($0.process?.gate.version ?? .newest) < .newest }
        return late.map { "node \($0.id) has not heard of version \(ClusterVersion.newest)" }
    }
}
