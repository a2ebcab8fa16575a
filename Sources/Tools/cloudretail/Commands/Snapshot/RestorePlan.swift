import ActorSystem
import Audit
import Consensus
import EventSourcing
import LogFormat
import Snapshots
import Storage
import Workload

/// What each data directory of a restored cluster is filled with: the snapshot's logs and a record of the repairs
/// behind them, or, where the shards are another number, the settled states.
struct RestorePlan {
    let repairs: ShopRepairs
    let shards: Int
    private let snapshot: SnapshotFile
    private let report: SnapshotReport
    private let content: Content
    /// The restored shop, folded as `verify` does.
    let result: ShopAudit

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
        report = SnapshotReport(snapshot, audit)
        self.shards = shards ?? snapshot.header.shards.count
        let saved = try snapshot.states.compactMap { try StoredStates.time(in: $0) }
        var repairs = ShopRepairs(at: (saved + audit.times).max() ?? .zero)
        try repairs.endCredentials(of: audit, sessions: endsSessions)
        let settlement = try ShopSettlement(of: snapshot, audit, repairs)
        let isDivided = self.shards != snapshot.header.shards.count
        if !isDivided, let repairs = try settlement.behindLogs() {
            self.repairs = repairs
            let ends = Self.records(of: repairs, behind: snapshot.header.shards)
            content = .logs(ends: ends)
            result = Self.audit(audit, of: snapshot.header.shards, continuedBy: ends)
        } else {
            var repairs = try settlement.complete()
            if !isDivided { repairs.tell("no log goes on: a shard has done what the log of another does not ask for") }
            self.repairs = repairs
            let division = ShopDivision(snapshot, audit, repairs, among: self.shards)
            content = .states(division)
            result = try division.judged()
        }
    }

    /// - Throws: what of the restored shop does not hold.
    func requireSound() throws {
        guard let first = result.findings.first.first else { return }
        throw Unsound(
            description: "the restored shop would not hold in \(result.findings.count.counted("place")), the first "
                + "\(first)")
    }

    struct Unsound: Error, CustomStringConvertible {
        let description: String
    }

    /// For people: what is restored, and what is repaired.
    var text: String {
        ([report.text] + repairs.lines.map { "repair          \($0)" }).joined(separator: "\n")
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

    /// Whether a data directory begins with all that the snapshot has, or with nothing.
    var isFilledFromSnapshot: Bool { if case .logs = content { true } else { false } }

    /// Completes a data directory that has these bounds and what it begins with.
    func complete(_ directory: NewDirectory) throws {
        switch content {
        case .logs(let ends): try directory.put(ends.enumerated().map { .entries($1, of: ShardID(UInt16($0))) })
        case .states(let division): try division.fill(directory)
        }
        try directory.finish(at: bounds)
    }

    /// Goes on behind the end of a fold with what is written behind the logs.
    private static func audit(
        _ audit: ShopAudit, of logs: [LogBounds], continuedBy entries: [[Entry]]
    ) -> ShopAudit {
        var audit = audit
        for (shard, entries) in entries.enumerated() {
            for record in entries.compactMap(RecordPayload.record(of:)) {
                audit.take(record, of: ShardID(UInt16(shard)))
            }
        }
        audit.finish(
            ends: zip(logs, entries).map { LogIndex(($1.last?.index ?? $0.end.index).rawValue) })
        return audit
    }

    /// The entries that follow each shard's log.
    private static func records(of repairs: ShopRepairs, behind logs: [LogBounds]) -> [[Entry]] {
        var waiting = Array(repeating: [ShopRepairs.Change](), count: logs.count)
        for change in repairs.changes { waiting[Int(change.slot.shard(of: logs.count).rawValue)].append(change) }
        return zip(waiting, logs).map { changes, log in
            var index = log.end.index
            return parts(of: changes).map { part in
                index = index.next
                let record = RecordPayload.encode(RecordBody.encode(part.map(\.change)), at: repairs.now)
                // Of a log without a term before it, the first.
                let term = max(log.end.term, Term(1))
                return Entry(id: EntryID(term: term, index: index), payload: .record(record))
            }
        }
    }

    /// One record changes an aggregate once.
    private static func parts(of changes: [ShopRepairs.Change]) -> [[ShopRepairs.Change]] {
        var parts: [[ShopRepairs.Change]] = []
        var names: Set<[UInt8]> = []
        for change in changes {
            let isNew = names.insert(change.name).inserted
            if let last = parts.last, isNew, last.count < changesPerRecordMax {
                parts[parts.count - 1].append(change)
            } else {
                parts.append([change])
                names = [change.name]
            }
        }
        return parts
    }
}
