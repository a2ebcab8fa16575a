import ActorSystem
import Commerce
import EventSourcing
import Schema
import Storage

/// Folds a data directory's logs offline and checks, at every record, what the shop promises.
///
/// Per SKU `0 <= reserved <= on hand`, and what came in less what went out is what is there. Per order a legal path
/// through its states and at most one charge, which no other order shares. Where the log has been truncated it begins
/// at the saved states.
struct Verification {
    /// What was found wrong, in words that name the record; the first so many.
    private(set) var problems: [String] = []
    private(set) var problemCount = 0
    private(set) var records = 0
    private(set) var charges = 0

    private var stocks: [SKU: (ledger: StockLedger, version: UInt64)] = [:]
    private var orders: [OrderID: (order: Order, version: UInt64)] = [:]
    private var chargedOrders: [ChargeID: OrderID] = [:]
    private static let problemsMax = 100
    private static let recordsAtOnceMax = 4_096
    private static let bytesAtOnceMax = 16 << 20

    init(_ directory: DataDirectory) throws {
        for (journal, states) in zip(directory.journals, directory.states) {
            let first = directory.firstIndices[Int(journal.shard.rawValue)]
            if first > LogIndex(1) { try begin(states) }
            try fold(journal, from: first)
            try compare(states)
        }
    }

    var orderCount: Int { orders.count }
    var skuCount: Int { stocks.count }
    var unitsOnHand: Int64 { stocks.values.reduce(0) { $0 + $1.ledger.onHand } }
    var unitsReserved: Int64 { stocks.values.reduce(0) { $0 + $1.ledger.reserved } }
    var isSound: Bool { problemCount == 0 }

    private mutating func note(_ problem: String) {
        problemCount += 1
        if problems.count < Self.problemsMax { problems.append(problem) }
    }

    // MARK: - Saved states

    private mutating func begin(_ states: ShardStateStore) throws {
        try StoredStates.forEach(Stock.self, in: states) { stocks[$0] = (StockLedger($1.state), $1.version) }
        try StoredStates.forEach(Order.self, in: states) { id, saved in
            orders[id] = (saved.state, saved.version)
            noteCharge(of: saved.state, at: "a saved state")
        }
    }

    /// The saved states say what the log says, as far as they go.
    private mutating func compare(_ states: ShardStateStore) throws {
        var found: [String] = []
        try StoredStates.forEach(Stock.self, in: states) { sku, saved in
            guard let folded = stocks[sku] else { return found.append("\(sku): saved, but not in the log") }
            if folded.version < saved.version {
                found.append("\(sku): saved at version \(saved.version), the log ends at \(folded.version)")
            } else if folded.version == saved.version, !folded.ledger.agrees(with: saved.state) {
                found.append("\(sku): the saved state differs from the log")
            }
        }
        try StoredStates.forEach(Order.self, in: states) { id, saved in
            guard let folded = orders[id] else { return found.append("\(id): saved, but not in the log") }
            if folded.version < saved.version || (folded.version == saved.version && folded.order != saved.state) {
                found.append("\(id): the saved state differs from the log")
            }
        }
        for problem in found { note(problem) }
    }

    // MARK: - The log

    private mutating func fold(_ journal: ShardJournal, from first: LogIndex) throws {
        var next = first
        while next <= journal.committed {
            let batch = try journal.records(from: next, countMax: Self.recordsAtOnceMax, bytesMax: Self.bytesAtOnceMax)
            guard let last = batch.last else { return note("shard \(journal.shard): record \(next) is missing") }
            for record in batch { fold(record, of: journal.shard) }
            records += batch.count
            next = last.index.next
        }
    }

    private mutating func fold(_ record: JournalRecord, of shard: ShardID) {
        let place = "shard \(shard), record \(record.index)"
        do throws(MalformedBytes) {
            for entry in try RecordBody(record.bytes).entries {
                var version = entry.versionBefore
                for bytes in entry.events {
                    version += 1
                    switch try RetailEvent.decode(kind: entry.kind, id: entry.id, event: bytes) {
                    case .stock(let sku, let event): book(event, of: sku, version, at: place)
                    case .order(let id, let event): book(event, of: id, version, at: place)
                    default: continue
                    }
                }
            }
        } catch {
            note("\(place): \(error)")
        }
    }

    private mutating func book(_ event: Stock.Event, of sku: SKU, _ version: UInt64, at place: String) {
        var entry = stocks.removeValue(forKey: sku) ?? (StockLedger(), 0)
        defer { stocks[sku] = entry }
        guard version > entry.version else { return }
        if version != entry.version + 1 { note("\(place): \(sku) jumps from version \(entry.version) to \(version)") }
        entry.version = version
        if let problem = entry.ledger.book(event) { note("\(place): \(sku): \(problem)") }
    }

    private mutating func book(_ event: Order.Event, of id: OrderID, _ version: UInt64, at place: String) {
        var entry = orders.removeValue(forKey: id) ?? (Order(id: id), 0)
        defer { orders[id] = entry }
        guard version > entry.version else { return }
        if version != entry.version + 1 { note("\(place): \(id) jumps from version \(entry.version) to \(version)") }
        entry.version = version
        if let contradiction = entry.order.contradiction(in: event) {
            return note("\(place): \(id): \(contradiction)")
        }
        entry.order.apply(event)
        if case .paid = event { noteCharge(of: entry.order, at: place) }
    }

    private mutating func noteCharge(of order: Order, at place: String) {
        guard let charge = order.charge, let total = order.total, total.amount > 0 else { return }
        charges += 1
        if let other = chargedOrders.updateValue(order.id, forKey: charge) {
            note("\(place): \(order.id) is paid by charge \(charge), which paid \(other)")
        }
    }
}
