import ActorSystem
import Commerce
import EventSourcing
import Schema

/// One fold of a shop's logs, with all judgements on every kind of aggregate.
///
/// Each record is judged as it comes: what it does to one aggregate against that aggregate's state, and what it does to
/// several against each other, as far as they live on its shard. What one shard asks of another comes later there, with
/// a consumer's position in the record of the effect: that is judged against those positions, at the end, or at every
/// record when the records of all shards come in the order in which they were committed.
///
/// - Stock: `0 <= reserved <= on hand`; what came in less what went out is there; every hold is given up, lapses
///   at its deadline or leaves once. A hold without a deadline is an order's.
/// - Orders: a legal path, at most one charge that no other order shares, no refund of what was not paid. A paid order
///   had its units held, and no more than its lines; they left once, came back as the order says, and nothing is held
///   for an order that has ended.
/// - Idempotency keys: one effect within the life of a key; the order that it names is there, and every order has one.
/// - Products and their SKUs: each SKU has the product that has claimed it, and no other.
/// - Accounts and e-mail addresses: one account an address. Sessions: of an account, nothing after their end, be it
///   their own or that of all sessions. Log-ins: no more wrong passwords in a row than the limit.
/// - Carts: nothing taken out that was not in; what was paid out of a cart has left it.
/// - Consumers: never backwards, never beyond the log that they read.
/// - Webhooks: never more endpoints than the limit; an endpoint's progress never goes back.
/// - All: versions without gap or repeat, times that never run backwards, each aggregate on its own shard, and saved
///   states that say what the records say.
///
/// A log whose beginning is gone is judged from the saved states on; what happened before is taken as they tell it.
public struct ShopAudit: Sendable {
    public internal(set) var findings = Findings()
    /// What one shard of a replica has yet to hear of another, where that shows: a restore settles it.
    public internal(set) var unfitting = Findings()
    public private(set) var records = 0
    /// Orders that were paid with money.
    public internal(set) var charges = 0
    /// What they were paid, in minor units of each currency.
    public internal(set) var values: [Currency: Int64] = [:]

    let shards: Int
    /// Whether the records of all shards come in the order in which they were committed.
    let isInOrder: Bool
    var part: Part
    var logs: [LogProgress]
    var stocks = FlatTable<SKU, StockLedger>()
    /// Whether the logs show every stock from its first event on.
    var areStocksWhole = true
    var orders = Fold<Order>()
    var keys = Fold<IdempotencyKey>()
    var carts = Fold<Cart>()
    var products = Fold<Product>()
    var emailClaims = Fold<EmailClaim>()
    var skuClaims = Fold<SKUClaim>()
    var accounts = Fold<Account>()
    var sessions = Fold<Session>()
    var logIns = Fold<LogIns>()
    var positions = Fold<ConsumerPosition>()
    var tokenKeys = Fold<VerificationKey>()
    var upgrades = Fold<ClusterUpgrade>()
    var webhooks = Fold<Webhooks>()
    var webhookProgress = Fold<WebhookProgress>()

    /// Every fold, each once: what is done with all kinds goes through this list. Stock has a ledger instead.
    static let folded: [any FoldedKind] = [
        Folded(\.orders, "order"), Folded(\.keys, "idempotency key"), Folded(\.carts, "cart"),
        Folded(\.products, "product"), Folded(\.emailClaims, "e-mail address"), Folded(\.skuClaims, "SKU"),
        Folded(\.accounts, "account"), Folded(\.sessions, "session"), Folded(\.logIns, "log-ins"),
        Folded(\.positions, "consumer"), Folded(\.tokenKeys, "verification key"), Folded(\.upgrades, "upgrade"),
        Folded(\.webhooks, "webhooks"), Folded(\.webhookProgress, "webhook"),
    ]
    static let foldedByKind = Dictionary(uniqueKeysWithValues: folded.map { ($0.kind, $0) })

    /// Of every order that is not square with the stock.
    var books = FlatTable<OrderID, OrderBook>()
    /// Orders that were once, and the record of each that ended it.
    var squared = FlatTable<OrderID, LogIndex>()
    /// Orders about which something has been said: the same damage is told once.
    var reported: Set<OrderID> = []
    var chargedOrders = FlatTable<ChargeID, OrderID>()
    /// Orders whose key has not been seen yet, and where they were placed.
    var unkeyed: [OrderID: Place] = [:]
    /// Orders that a key on another shard names, which have not been seen yet.
    var keyed: Set<OrderID> = []
    /// Keys that were given up for an order of another shard.
    var released: [(key: IdempotencyKeyID, order: OrderID, place: Place)] = []
    var touched = Touched()
    /// What the next records ask for, and what was seen of it.
    var ahead: [Ahead] = []
    var lookedAt: UInt64 = 0
    /// Events of the stock that was looked at last, in memory that is used again.
    var booked: [Stock.Event] = []

    /// How far the log of one shard has been read.
    struct LogProgress: Sendable {
        var last = LogIndex.zero
        var time = Timestamp.zero
        /// Up to here a saved state may be ahead of the records.
        var savedThrough = LogIndex.zero
    }

    /// Where the fold is.
    struct Moment {
        let shard: ShardID
        let index: LogIndex
        let time: Timestamp
        var place: Place { .record(shard, index) }
    }

    /// - Parameters:
    ///   - shards: how many there are.
    ///   - part: the kinds that are judged.
    ///   - isInOrder: whether the records of all shards come in the order in which they were committed.
    public init(shards: Int, part: Part = .whole, isInOrder: Bool = false) {
        self.shards = shards
        self.part = part
        self.isInOrder = isInOrder
        logs = Array(repeating: LogProgress(), count: shards)
    }

    mutating func find(_ what: String, at place: Place) { findings.add(what, at: place) }

    /// Of one shard, without a look at the name that the slot follows from.
    func shard(of slot: @autoclosure () -> Slot) -> ShardID { shards == 1 ? ShardID(0) : slot().shard(of: shards) }

    // MARK: - Records

    /// Takes the next record of a shard's log.
    public mutating func take(_ record: JournalRecord, of shard: ShardID) { take(AuditedRecord(record, of: shard)) }

    /// Takes the next record of its shard's log.
    public mutating func take(_ record: AuditedRecord) {
        let moment = Moment(shard: record.shard, index: record.index, time: record.time)
        let place = Int(record.shard.rawValue)
        touched.clear()
        records += 1
        let log = logs[place]
        if part.judgesRecords { judgeOrder(of: moment, behind: log) }
        logs[place].last = record.index
        logs[place].time = max(log.time, record.time)
        switch record.body {
        case .success(let body):
            // By their places: most records are passed over by one part, and an entry would be copied to be looked at.
            for place in body.entries.indices where part.takes(body.entries[place].kind) {
                take(body.entries[place], moment)
            }
        case .failure(let error): if part.judgesRecords { find("\(error)", at: moment.place) }
        }
        let keys = part.hasKeysNoted ? record.keys : touched.keys
        if part.judgesRecords {
            for (key, order) in keys.givenUp { judge(key, givingUp: order, moment) }
        }
        if record.index > log.savedThrough { judgeTouched(part.judgesRecords ? keys.named : [], moment) }
    }

    /// Takes the next records of their shards' logs, and notes in each what the other part has to know of its keys.
    public mutating func take(noting records: [AuditedRecord]) {
        take(records) { audit, record in if !audit.touched.keys.isEmpty { record.keys = audit.touched.keys } }
    }

    /// Takes the next records of their shards' logs.
    public mutating func take(_ records: [AuditedRecord]) { take(records) { _, _ in } }

    private mutating func take(_ records: [AuditedRecord], then note: (inout Self, AuditedRecord) -> Void) {
        for start in stride(from: 0, to: records.count, by: Self.recordsAhead) {
            let next = records[start..<min(records.count, start + Self.recordsAhead)]
            lookAhead(at: next)
            for record in next {
                take(record)
                note(&self, record)
            }
        }
    }

    private mutating func judgeOrder(of moment: Moment, behind log: LogProgress) {
        if moment.index <= log.last { find("it stands behind record \(log.last)", at: moment.place) }
        if moment.time < log.time { find("it is older than the one before it", at: moment.place) }
    }

    private mutating func take(_ entry: RecordBody.Entry, _ moment: Moment) {
        var problems: [String] = []
        let time = moment.time
        switch entry.kind {
        case Stock.kind: takeStock(entry, moment)
        case Order.kind:
            let taken = orders.take(entry, at: time, &problems)
            if let change = change(by: taken, problems, moment) { note(change, moment) }
        case IdempotencyKey.kind:
            let taken = keys.take(entry, at: time, &problems)
            if let change = change(by: taken, problems, moment) { note(change, moment) }
        case Cart.kind:
            let taken = carts.take(entry, at: time, &problems)
            if let change = change(by: taken, problems, moment) { touched.carts[change.id] = change.before }
        case Product.kind:
            let taken = products.take(entry, at: time, &problems)
            if let change = change(by: taken, problems, moment) { note(change) }
        case EmailClaim.kind:
            let taken = emailClaims.take(entry, at: time, &problems)
            if let change = change(by: taken, problems, moment) { touched.emails.append(change.id) }
        case SKUClaim.kind:
            let taken = skuClaims.take(entry, at: time, &problems)
            if let change = change(by: taken, problems, moment) { note(change) }
        case Account.kind:
            let taken = accounts.take(entry, at: time, &problems)
            if let change = change(by: taken, problems, moment) { touched.accounts.append(change.id) }
        case Session.kind:
            let taken = sessions.take(entry, at: time, &problems)
            if let change = change(by: taken, problems, moment) { touched.sessions.append(change) }
        case LogIns.kind:
            let taken = logIns.take(entry, at: time, &problems)
            if let change = change(by: taken, problems, moment) { touched.logIns.append(change.id) }
        case ConsumerPosition.kind:
            let taken = positions.take(entry, at: time, &problems)
            if let change = change(by: taken, problems, moment) { note(change, moment) }
        // Of the others nothing is judged but each by itself.
        default:
            guard let folded = Self.foldedByKind[entry.kind] else {
                return find("an unknown kind of aggregate, \(entry.kind.rawValue)", at: moment.place)
            }
            folded.take(entry, moment, &self)
        }
    }

    /// The change that an entry of a record came to, if it did.
    ///
    /// - Parameter problems: what made no sense of it.
    mutating func change<A>(by taken: Fold<A>.Taken?, _ problems: [String], _ moment: Moment) -> Change<A>? {
        for problem in problems { find(problem, at: moment.place) }
        switch taken {
        case .changed(let change):
            checkHome(change.id, moment)
            if !problems.isEmpty, let order = change.id as? OrderID { reported.insert(order) }
            return change
        case .counted(let id):
            checkHome(id, moment)
            return nil
        case nil: return nil
        }
    }

    func isHome(_ id: some AggregateID, _ shard: ShardID) -> Bool { self.shard(of: id.slot) == shard }

    mutating func checkHome(_ id: some AggregateID, _ moment: Moment) {
        if !isHome(id, moment.shard) { find("\(id) lives on shard \(shard(of: id.slot))", at: moment.place) }
    }

    // MARK: - Figures

    public var orderCount: Int { orders.count }
    public var skuCount: Int { stocks.count }
    public var productCount: Int { products.count }
    public var accountCount: Int { accounts.count }
    public var sessionCount: Int { sessions.count }
    public var cartCount: Int { carts.count }
    public var keyCount: Int { keys.count }
    public var unitsOnHand: Int64 { stocks.values.reduce(0) { $0 + $1.onHand } }
    public var unitsReserved: Int64 { stocks.values.reduce(0) { $0 + $1.reserved } }
    /// Orders that are open, or of which the stock has yet to follow what they decided.
    public var unsettledOrders: [OrderID] { books.keys.sorted() }
}
