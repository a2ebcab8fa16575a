import Audit
import Commerce
import EventSourcing
import Schema
import Testing

@testable import ActorSystem

/// Logs of a shop that a test writes by hand, record by record, and what the audit says of them.
struct ShopLog {
    static let shards = 2
    static let noon = Timestamp(milliseconds: 1_700_000_000_000)

    private(set) var audit: ShopAudit
    /// The same logs folded in two parts, which have to find the same.
    private var others: ShopAudit
    private var first: ShopAudit
    private var indices = [UInt64](repeating: 0, count: shards)
    private var versions: [[UInt8]: UInt64] = [:]
    /// Moves on a second with each record.
    var time = noon

    init(isInOrder: Bool = false) {
        audit = ShopAudit(shards: Self.shards, isInOrder: isInOrder)
        others = ShopAudit(shards: Self.shards, part: .others, isInOrder: isInOrder)
        first = ShopAudit(shards: Self.shards, part: .catalogueAndKeys, isInOrder: isInOrder)
    }

    /// One aggregate's part of a record.
    struct Part {
        let kind: AggregateKind
        let id: [UInt8]
        let events: [[UInt8]]
        /// The version before, when it is not the one that follows.
        var versionBefore: UInt64?

        init<A: Recorded>(_: A.Type, _ id: A.ID, after version: UInt64? = nil, _ events: A.Event...) {
            kind = A.kind
            var bytes: [UInt8] = []
            id.encode(into: &bytes)
            self.id = bytes
            self.events = events.map { event in
                var bytes: [UInt8] = []
                A.encode(event, into: &bytes)
                return bytes
            }
            versionBefore = version
        }
    }

    /// Writes the next record of a shard.
    mutating func write(on shard: UInt16 = 0, _ parts: Part...) {
        var body = RecordBodyWriter(kinds: parts.map(\.kind))
        for part in parts {
            let key = [part.kind.rawValue] + part.id
            let before = part.versionBefore ?? versions[key] ?? 0
            versions[key] = before + UInt64(part.events.count)
            body.beginEntry(kind: part.kind, versionBefore: before, events: part.events.count) { $0 += part.id }
            for event in part.events { body.writeEvent { $0 += event } }
        }
        write(on: shard, bytes: body.bytes)
    }

    mutating func write(on shard: UInt16, bytes: [UInt8]) {
        indices[Int(shard)] += 1
        time = time + .seconds(1)
        let record = JournalRecord(index: LogIndex(indices[Int(shard)]), time: time, bytes: bytes[...])
        audit.take(record, of: ShardID(shard))
        let noted = AuditedRecord(record, of: ShardID(shard))
        first.take(noting: [noted])
        others.take([noted])
    }

    /// The index of the newest record of a shard.
    func last(_ shard: UInt16 = 0) -> LogIndex { LogIndex(indices[Int(shard)]) }

    /// - Parameter isReplica: whether the logs are one replica's.
    mutating func finish(isReplica: Bool = false) {
        let ends = indices.map { LogIndex($0) }
        audit.finish(ends: ends, isReplica: isReplica)
        var joined = others
        joined.join(first)
        joined.finish(ends: ends, isReplica: isReplica)
        #expect(Set(joined.findings.first) == Set(audit.findings.first))
        #expect(joined.findings.count == audit.findings.count)
        #expect(joined.unfitting.first == audit.unfitting.first)
        #expect(joined.firstDifference(from: audit) == nil)
    }

    /// Begins at the saved states of shard 0, whose records up to `index` are gone.
    mutating func begin(_ states: some StateStore, behind index: UInt64) throws {
        try audit.begin(states, of: ShardID(0))
        try others.begin(states, of: ShardID(0))
        try first.begin(states, of: ShardID(0))
        others.begin(beside: first)
        indices[0] = index
    }

    /// Compares the saved states of shard 0 with what its records make.
    mutating func compare(_ states: some StateStore) throws {
        try audit.compare(states, of: ShardID(0))
        try others.compare(states, of: ShardID(0))
        try first.compare(states, of: ShardID(0))
    }

    var findings: [String] { audit.findings.first.map(\.description) }
    var unfitting: [String] { audit.unfitting.first.map(\.description) }
}

/// Who and what the tests are about. Everything of the customer's lives on shard 0.
enum Sample {
    static let customer = CustomerID(at: .zero, slot: Slot(2), random: 4)
    static let clerk = CustomerID(at: .zero, slot: Slot(3), random: 8)
    static let email = sample(on: 0) { EmailAddress("x\($0)@example.org")! }
    static let near = sample(on: 0) { SKU("N\($0)")! }
    static let far = sample(on: 1) { SKU("F\($0)")! }
    static let product = ProductID(at: .zero, random: 4)
    static let otherProduct = ProductID(at: .zero, random: 8)
    static let session = SessionID(at: .zero, slot: Slot(2), random: 4)
    static let charge = ChargeID("ch_1")!
    static let noon = ShopLog.noon

    /// The first of a row of names that lives on `shard`.
    private static func sample<ID: AggregateID>(on shard: UInt16, _ name: (Int) -> ID) -> ID {
        for number in 0... where name(number).slot.shard(of: ShopLog.shards).rawValue == shard { return name(number) }
        fatalError("names never end")
    }

    static func order(_ number: UInt64 = 1) -> OrderID {
        OrderID(at: noon, slot: customer.slot, random: number << 8)
    }

    static func key(_ number: UInt8 = 1) -> IdempotencyKeyID {
        IdempotencyKeyID(slot: customer.slot, digest: digest(number))
    }

    static func digest(_ number: UInt8) -> Digest256 { Digest256([UInt8](repeating: number, count: 32))! }

    static func claim(_ order: OrderID, until: Timestamp = noon + .seconds(86_400)) -> IdempotencyKey.Claim {
        IdempotencyKey.Claim(fingerprint: digest(9), subject: .order(order), expiresAt: until)
    }

    /// Of a sender on shard 0, for an effect on shard 1.
    static let claimElsewhere = IdempotencyKey.Claim(
        fingerprint: digest(9), subject: .elsewhere(Slot(1)), expiresAt: noon + .seconds(86_400))

    static func placement(
        _ lines: [(SKU, Int64)], by clerk: CustomerID? = nil, clearsCart: Bool = false
    ) -> Placement {
        Placement(
            customer: customer, lines: lines.map { OrderLine(sku: $0.0, quantity: Units($0.1)!, unitPrice: 100) },
            currency: .gbp, placedBy: clerk ?? customer, deadline: noon + .seconds(60),
            clearsCart: clearsCart)
    }

    static func details(_ skus: SKU...) -> Product.Details {
        Product.Details(
            title: "T", variants: skus.map { Variant(sku: $0, price: Money(amount: 100, currency: .gbp)) })
    }

    static let registration = Account.Registration(
        email: email, firstName: "A", lastName: "B", passwordHash: PasswordHash("h"))

    static let opening = Session.Opening(
        customer: customer, token: RefreshTokenDigest(family: digest(1), rotation: digest(2)),
        expiresAt: noon + .seconds(3_600), userAgent: "")

    static let origin = LogInOrigin(address: digest(5), device: digest(6))
}
