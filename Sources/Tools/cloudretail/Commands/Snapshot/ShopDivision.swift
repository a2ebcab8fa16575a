import ActorSystem
import Audit
import Commerce
import Consensus
import EventSourcing
import Snapshots
import Storage

/// A settled shop, divided among another number of shards: saved states without a log.
struct ShopDivision {
    private let audit: ShopAudit
    private let repairs: ShopRepairs
    private let shards: Int
    /// Of every shard: nothing before it can be read, and everything is saved.
    let bounds: [LogBounds]

    /// Behind all places in the old logs, so that no reader of those goes on from one in a new log.
    init(_ snapshot: SnapshotFile, _ audit: ShopAudit, _ repairs: ShopRepairs, among shards: Int) {
        self.audit = audit
        self.repairs = repairs
        self.shards = shards
        let ends = snapshot.header.shards.map(\.end)
        let base = EntryID(
            term: max(ends.map(\.term).max() ?? Term(1), Term(1)),
            index: (ends.map(\.index).max() ?? EntryIndex(0)).next)
        bounds = Array(repeating: LogBounds(base: base, end: base, checkpoint: base), count: shards)
    }

    /// Fills a data directory whose logs begin with these bounds.
    func fill(_ directory: NewDirectory) throws {
        var states = DividedStates(into: StateWriter(directory: directory), audit, repairs, shards)
        try audit.visitStates(at: end, &states)
        try states.sink.finish()
        let clock = PackedRows([StoredStates.clockRow(repairs.now)])
        try directory.put((0..<shards).map { .rows(clock, of: ShardID(UInt16($0))) })
    }

    /// The fold that `verify` makes of a directory that was filled so.
    func judged() throws -> ShopAudit {
        var states = DividedStates(into: AuditedStates(audit: ShopAudit(shards: shards)), audit, repairs, shards)
        try audit.visitStates(at: end, &states)
        states.sink.audit.finish(ends: bounds.map { LogIndex($0.end.index.rawValue) })
        return states.sink.audit
    }

    private var end: LogIndex { LogIndex(bounds[0].end.index.rawValue) }
}

/// Takes the states of shards.
private protocol StateSink {
    mutating func put<A: Recorded>(_ id: A.ID, _ value: Versioned<A>, on shard: ShardID) throws
}

private struct AuditedStates: StateSink {
    var audit: ShopAudit

    mutating func put<A: Recorded>(_ id: A.ID, _ value: Versioned<A>, on shard: ShardID) {
        audit.begin(id, value, of: shard)
    }
}

private struct StateWriter: StateSink {
    /// Rows of a few hundred bytes each, of all shards together.
    private static let rowsAtOnceMax = 4_096

    let directory: NewDirectory
    private var waiting: [ShardID: [StateRow]] = [:]
    private var waitingCount = 0

    init(directory: NewDirectory) { self.directory = directory }

    mutating func put<A: Recorded>(_ id: A.ID, _ value: Versioned<A>, on shard: ShardID) throws {
        let rows = StoredStates.rows(of: value, id: id)
        waiting[shard, default: []] += rows
        waitingCount += rows.count
        if waitingCount >= Self.rowsAtOnceMax { try finish() }
    }

    /// Writes what waits.
    mutating func finish() throws {
        try directory.put(waiting.map { .rows(PackedRows($1), of: $0) })
        waiting = [:]
        waitingCount = 0
    }
}

/// The states of a settled shop, each on its new shard.
private struct DividedStates<Sink: StateSink>: ShopStateVisitor {
    var sink: Sink
    private let audit: ShopAudit
    private let repairs: ShopRepairs
    private let shards: Int

    init(into sink: Sink, _ audit: ShopAudit, _ repairs: ShopRepairs, _ shards: Int) {
        self.sink = sink
        self.audit = audit
        self.repairs = repairs
        self.shards = shards
    }

    mutating func visit<A: Recorded>(_ id: A.ID, _ value: Versioned<A>) throws {
        // A place in a log that is gone; what was owed behind it is done.
        if A.self == ConsumerPosition.self || A.self == WebhookProgress.self { return }
        if let key = value as? Versioned<IdempotencyKey> {
            for key in placed(key) { try write(key.state.id, key) }
        } else {
            try write(id, repairs.current(id, value))
        }
    }

    /// The key as it has to lie among the new shards: beside its sender, and where the effect is on another, there too.
    private func placed(_ key: Versioned<IdempotencyKey>) -> [Versioned<IdempotencyKey>] {
        guard let claim = key.state.claim else { return [key] }
        var sender = key
        switch claim.subject {
        case .order(let order) where !isTogether(key.state.id.slot, order.slot):
            var home = IdempotencyKey(id: IdempotencyKeyID(slot: order.slot, digest: key.state.id.digest))
            home.claim = claim
            sender.state.claim = IdempotencyKey.Claim(
                fingerprint: claim.fingerprint, subject: .elsewhere(order.slot), expiresAt: claim.expiresAt)
            return [sender, Versioned(home, version: 1, index: key.index)]
        case .elsewhere(let slot) where isTogether(key.state.id.slot, slot):
            // Without a key at its home the effect has not happened, and may be tried anew.
            sender.state.claim = audit.key(IdempotencyKeyID(slot: slot, digest: key.state.id.digest))?.claim
            return [sender]
        case .order, .elsewhere, .answer: return [key]
        }
    }

    private func isTogether(_ one: Slot, _ other: Slot) -> Bool { one.shard(of: shards) == other.shard(of: shards) }

    private mutating func write<A: Recorded>(_ id: A.ID, _ value: Versioned<A>) throws {
        try sink.put(id, value, on: id.slot.shard(of: shards))
    }
}
