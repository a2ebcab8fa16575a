import Cluster
import Commerce
import Consensus
import EventSourcing
import Schema

/// Planted bugs between a replica and its disk: what it orders to be written is not what is written.
extension World {
    func mistaken(_ write: ShardWrite, on node: SimulatedNode) -> ShardWrite {
        guard !bugs.isEmpty else { return write }
        var write = write
        if bugs.contains(.voteNotPersisted), let state = write.log?.hardState {
            write.log = write.log?.with(HardState(term: state.term, vote: nil, commit: state.commit))
        }
        if bugs.contains(.snapshotWithoutKeys), case .held(let rows) = write.replacement {
            write.replacement = .held(rows.filter { $0.key.first != IdempotencyKey.kind.rawValue })
        }
        if bugs.contains(.snapshotWithoutMembership), let snapshot = write.log?.snapshot,
            let before = try? node.disk.header(of: write.shard).checkpoint?.membership
        {
            write.log = write.log?.with(Snapshot(last: snapshot.last, membership: before))
        }
        return write
    }
}

extension LogWrite {
    fileprivate func with(_ hardState: HardState) -> LogWrite {
        LogWrite(
            sequence: sequence, hardState: hardState, entries: entries, snapshot: snapshot, needsFlush: needsFlush)
    }

    fileprivate func with(_ snapshot: Snapshot) -> LogWrite {
        LogWrite(
            sequence: sequence, hardState: hardState, entries: entries, snapshot: snapshot, needsFlush: needsFlush)
    }
}
