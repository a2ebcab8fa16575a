import ActorSystem
import Audit
import Checkout
import EventSourcing
import Snapshots
import Storage

/// Folds a data directory's logs offline and judges every record (`ShopAudit`).
///
/// The records of all shards are taken about as they came in, by their time: what one shard asks of another is then
/// soon followed by what the other did, and little has to be remembered in between. One thread reads them and folds the
/// catalogue, and another, a few batches behind it, folds all else.
struct Verification {
    private(set) var audit: ShopAudit

    /// Batches that one thread has taken and the other has not.
    private static let batchesAheadMax = 8

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
        var parts = try [ShopAudit.Part.others, .catalogue].concurrentMap { part in
            var audit = ShopAudit(shards: logs.count, part: part)
            for log in logs where log.first > LogIndex(1) { try audit.begin(states(log.shard), of: log.shard) }
            return audit
        }
        var catalogue = CatalogueFold(audit: parts.removeLast(), records: try MergedLogs(logs, continuedBy: others))
        var audit = parts.removeLast()
        try ReadAhead.each(countMax: batchesAheadMax) { try catalogue.next() } take: { batch in
            for record in batch { audit.take(record) }
        }
        audit.join(catalogue.audit)
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

/// Reads records and folds the catalogue, for a thread that folds the rest.
private struct CatalogueFold {
    private(set) var audit: ShopAudit
    private var records: MergedLogs

    init(audit: ShopAudit, records: MergedLogs) {
        self.audit = audit
        self.records = records
    }

    /// Records that it has taken; nil behind the last.
    mutating func next() throws -> [AuditedRecord]? {
        let batch = try records.next()
        for record in batch ?? [] { audit.take(record) }
        return batch
    }
}
