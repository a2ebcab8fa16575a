import ActorSystem
import Audit
import Checkout
import EventSourcing
import Snapshots
import Storage

/// Folds a data directory's logs offline and judges every record (`ShopAudit`).
///
/// The records of all shards are taken about as they came in, by their time: what one shard asks of another is then
/// soon followed by what the other did, and little has to be remembered in between. One thread reads them, another
/// folds the catalogue and the keys, and a third, a few batches behind it, folds all else.
struct Verification {
    private(set) var audit: ShopAudit

    /// Batches that one thread has taken and the next has not: more than it takes while the other makes a fold's table
    /// larger.
    private static let batchesAheadMax = 32

    /// - Parameter others: logs of other nodes, one a shard, from which the fold goes on behind this one's end.
    /// - Throws: `StorageError` that names a record or a state which is missing or damaged.
    init(_ directory: OfflineDirectory, continuedBy others: [OfflineLog]? = nil) throws {
        let logs = directory.logs
        try self.init(logs: logs, continuedBy: others ?? logs, rowsBeside: ShopAudit.RowsBeside.allCases) {
            directory.states[Int($0.rawValue)]
        }
    }

    /// What a snapshot's shards do not know of each other is no problem of it: a restore settles that.
    ///
    /// - Throws: `SnapshotFailure` that names a chunk which has become damaged since the file was opened.
    init(_ snapshot: SnapshotFile) throws {
        let logs = snapshot.logs
        try self.init(logs: logs, continuedBy: logs, isReplica: true) { snapshot.states(of: $0) }
    }

    /// - Parameters:
    ///   - rowsBeside: what stands beside the states as a node left it.
    ///   - states: a store of a shard for one reader.
    private init(
        logs: [any AuditedLog], continuedBy others: [any AuditedLog], isReplica: Bool = false,
        rowsBeside: [ShopAudit.RowsBeside] = [], states: @escaping @Sendable (ShardID) -> any StateStore
    ) throws {
        audit = try Self.fold(logs, states, continuedBy: others)
        let differences = try Self.differences(of: audit, from: states, logs.map(\.shard), rowsBeside: rowsBeside)
        for differences in differences { audit.join(differences) }
        audit.finish(ends: zip(logs, others).map { max($0.end, $1.end) }, isReplica: isReplica)
    }

    private static func fold(
        _ logs: [any AuditedLog], _ states: @Sendable (ShardID) -> any StateStore, continuedBy others: [any AuditedLog]
    ) throws -> ShopAudit {
        var parts = try [ShopAudit.Part.others, .catalogueAndKeys].concurrentMap { part in
            var audit = ShopAudit(shards: logs.count, part: part)
            for log in logs where log.first > LogIndex(1) { try audit.begin(states(log.shard), of: log.shard) }
            return audit
        }
        parts[0].begin(beside: parts[1])
        var (first, audit) = (parts.removeLast(), parts.removeLast())
        var records = try MergedLogs(logs, continuedBy: others)
        try ReadAhead.with(countMax: batchesAheadMax) { try records.next() } _: { next in
            try ReadAhead.each(countMax: batchesAheadMax) { () -> [AuditedRecord]? in
                guard let batch = try next() else { return nil }
                first.take(noting: batch)
                return batch
            } take: { batch in
                audit.take(batch)
            }
        }
        audit.join(first)
        return audit
    }

    /// What the saved states of each kind say otherwise than the records, and what stands beside them otherwise than
    /// they do.
    private static func differences(
        of audit: ShopAudit, from states: @escaping @Sendable (ShardID) -> any StateStore, _ shards: [ShardID],
        rowsBeside: [ShopAudit.RowsBeside]
    ) throws -> [Findings] {
        let ofStates: [@Sendable () throws -> Findings] = shards.flatMap { shard in
            audit.comparedKinds.map { kind in
                { @Sendable in try audit.differences(of: kind, from: states(shard), of: shard) }
            }
        }
        let ofRows: [@Sendable () throws -> Findings] = shards.flatMap { shard in
            rowsBeside.map { rows in
                { @Sendable in
                    try ShopAudit.differences(of: rows, from: states(shard), kinds: OwnedKind.all, of: shard)
                }
            }
        }
        // What takes longest is begun first.
        return try (ofRows + ofStates).concurrentMap { try $0() }
    }

    var isSound: Bool { audit.findings.isEmpty }
    var problemCount: Int { audit.findings.count }
    /// What was found wrong, in words that name the record; the first so many.
    var problems: [String] { audit.findings.first.map(\.description) }
}
