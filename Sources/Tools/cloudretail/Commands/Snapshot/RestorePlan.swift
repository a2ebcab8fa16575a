import ActorSystem
import Audit
import Consensus
import EventSourcing
import LogFormat
import Snapshots
import Storage

/// What each data directory of a restored cluster is filled with: the snapshot's logs and a record of the repairs
/// behind them, or, where the shards are another number, the settled states.
struct RestorePlan {
    let repairs: ShopRepairs
    let shards: Int
    private let snapshot: SnapshotFile
    private let content: Content

    private enum Content {
        case logs(ends: [[Entry]])
        case states(ShopDivision)
    }

    /// Changes that one record holds: of a few hundred bytes each, far less than a record may have.
    private static let changesPerRecordMax = 1_024

    /// - Parameters:
    ///   - audit: a sound fold of the snapshot.
    ///   - shards: of the new cluster; nil keeps the number.
    ///   - endsSessions: whether refresh tokens of the old cluster are refused too.
    init(_ snapshot: SnapshotFile, _ audit: ShopAudit, shards: Int?, endsSessions: Bool) throws {
        self.snapshot = snapshot
        self.shards = shards ?? snapshot.header.shards.count
        let saved = try snapshot.states.compactMap { try StoredStates.time(in: $0) }
        var repairs = ShopRepairs(at: (saved + audit.times).max() ?? .zero)
        try repairs.endCredentials(of: audit, sessions: endsSessions)
        if self.shards == snapshot.header.shards.count {
            content = .logs(ends: Self.records(of: repairs, behind: snapshot.header.shards))
        } else {
            try repairs.settle(snapshot, audit)
            content = .states(ShopDivision(snapshot, audit, repairs, among: self.shards))
        }
        self.repairs = repairs
    }

    var bounds: [LogBounds] {
        switch content {
        case .logs(let ends):
            zip(snapshot.header.shards, ends).map { bounds, entries in
                LogBounds(base: bounds.base, end: entries.last?.id ?? bounds.end, checkpoint: bounds.checkpoint)
            }
        case .states(let division): division.bounds
        }
    }

    /// Fills a data directory that has these bounds.
    func fill(_ directory: NewDirectory) throws {
        switch content {
        case .logs(let ends):
            try snapshot.fill(directory)
            for (shard, entries) in ends.enumerated() where !entries.isEmpty {
                try directory.append(entries, to: ShardID(UInt16(shard)))
            }
            try directory.finish()
        case .states(let division): try division.fill(directory)
        }
    }

    /// The entries that follow each shard's log.
    private static func records(of repairs: ShopRepairs, behind logs: [LogBounds]) -> [[Entry]] {
        var waiting = Array(repeating: [RecordBody.Change](), count: logs.count)
        for (slot, change) in repairs.changes { waiting[Int(slot.shard(of: logs.count).rawValue)].append(change) }
        return zip(waiting, logs).map { changes, log in
            var index = log.end.index
            return stride(from: 0, to: changes.count, by: changesPerRecordMax).map { start in
                index = index.next
                let part = Array(changes[start..<min(start + changesPerRecordMax, changes.count)])
                let record = RecordPayload.encode(RecordBody.encode(part), at: repairs.now)
                // Of a log without a term before it, the first.
                let term = max(log.end.term, Term(1))
                return Entry(id: EntryID(term: term, index: index), payload: .record(record))
            }
        }
    }
}
