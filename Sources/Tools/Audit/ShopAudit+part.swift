import ActorSystem
import Commerce
import EventSourcing
import Schema

extension ShopAudit {
    /// What one fold takes. No judgement looks at the catalogue and at something else, and of the keys one judgement
    /// alone looks at something else, at the orders that they stand for. So two threads may fold the same logs, each a
    /// part, one behind the other, and `join` makes one fold of both.
    public enum Part: Sendable {
        case whole
        /// Products and the SKUs that they have claimed; idempotency keys, which are noted in the record for the other
        /// part.
        case catalogueAndKeys
        /// All other kinds; what the keys stand for; whether the records are in order and can be read.
        case others

        func takes(_ kind: AggregateKind) -> Bool {
            let isAmongFirst = kind == Product.kind || kind == SKUClaim.kind || kind == IdempotencyKey.kind
            return switch self {
            case .whole: true
            case .catalogueAndKeys: isAmongFirst
            case .others: !isAmongFirst
            }
        }

        var judgesRecords: Bool { self != .catalogueAndKeys }
        /// Whether the other part has noted the keys in the records.
        var hasKeysNoted: Bool { self == .others }
    }

    /// Makes both parts know where saved states are ahead of the records. To be called before the first record.
    public mutating func begin(beside other: ShopAudit) {
        for shard in logs.indices {
            logs[shard].savedThrough = max(logs[shard].savedThrough, other.logs[shard].savedThrough)
        }
    }

    /// Makes a fold of the other kinds the whole one. To be called when both have taken everything, and before the end
    /// is judged.
    public mutating func join(_ first: ShopAudit) {
        precondition(part == .others && first.part == .catalogueAndKeys, "these are no two parts of one fold")
        part = .whole
        products = first.products
        skuClaims = first.skuClaims
        keys = first.keys
        findings.join(first.findings)
    }
}
