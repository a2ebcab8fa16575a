import ActorSystem
import Commerce
import EventSourcing
import Schema

/// Looking ahead in the tables that are too large for the processor's cache.
extension ShopAudit {
    /// So many records are looked ahead for: what they ask for has room in the cache.
    static let recordsAhead = 32

    /// An aggregate of a record to come.
    struct Ahead: Sendable {
        let kind: AggregateKind
        /// Of its id.
        let word: UInt64
    }

    /// Looks at what the next records ask for, all slots and then all elements.
    mutating func lookAhead(at records: ArraySlice<AuditedRecord>) {
        ahead.removeAll(keepingCapacity: true)
        for record in records {
            guard case .success(let body) = record.body else { continue }
            for place in body.entries.indices where part.takes(body.entries[place].kind) {
                note(ahead: body.entries[place])
            }
        }
        // Kept, for else there would be no need to look.
        for aggregate in ahead { lookedAt &+= slotAhead(of: aggregate) }
        for aggregate in ahead { lookedAt &+= elementAhead(of: aggregate) }
    }

    private mutating func note(ahead entry: RecordBody.Entry) {
        let word: UInt64
        switch entry.kind {
        case Stock.kind: word = SKU.word(ofEncoded: entry.id)
        case Order.kind: word = OrderID.word(ofEncoded: entry.id)
        case Product.kind: word = ProductID.word(ofEncoded: entry.id)
        case IdempotencyKey.kind: word = IdempotencyKeyID.word(ofEncoded: entry.id)
        case SKUClaim.kind: word = CatalogueSKU.word(ofEncoded: entry.id)
        default: return
        }
        ahead.append(Ahead(kind: entry.kind, word: word))
    }

    private func slotAhead(of aggregate: Ahead) -> UInt64 {
        switch aggregate.kind {
        case Stock.kind: stocks.slotAhead(of: aggregate.word)
        case Order.kind: orders.entries.slotAhead(of: aggregate.word) &+ squared.slotAhead(of: aggregate.word)
        case Product.kind: products.entries.slotAhead(of: aggregate.word)
        case IdempotencyKey.kind: keys.entries.slotAhead(of: aggregate.word)
        default: skuClaims.entries.slotAhead(of: aggregate.word)
        }
    }

    private func elementAhead(of aggregate: Ahead) -> UInt64 {
        switch aggregate.kind {
        case Stock.kind: stocks.elementAhead(of: aggregate.word)
        case Order.kind: orders.entries.elementAhead(of: aggregate.word)
        case Product.kind: products.entries.elementAhead(of: aggregate.word)
        case IdempotencyKey.kind: keys.entries.elementAhead(of: aggregate.word)
        default: skuClaims.entries.elementAhead(of: aggregate.word)
        }
    }
}
