import ActorSystem
import Commerce
import EventSourcing
import Schema

/// What a stretch of the catalogue's log has changed.
struct CatalogueChanges: Sendable {
    /// Each once, in the order of their first change.
    private(set) var products: [ProductID] = []
    /// Those of them of which more has changed than how often they were sold, in the same order.
    private(set) var rewritten: [ProductID] = []
    /// SKUs that their product gave up; another may have taken them since.
    private(set) var freed: [SKU] = []

    var isEmpty: Bool { products.isEmpty && freed.isEmpty }

    init(_ records: [JournalRecord]) throws(MalformedBytes) {
        var seen: Set<ProductID> = []
        var seenRewritten: Set<ProductID> = []
        for record in records {
            for entry in try RecordBody(record.bytes, of: KindSet(Product.kind, SKUClaim.kind)).entries {
                switch entry.kind {
                case Product.kind:
                    guard let id = ProductID(encoded: entry.id) else { throw MalformedBytes("no product id", at: 0) }
                    if seen.insert(id).inserted { products.append(id) }
                    for bytes in entry.events {
                        if case .unitsSold = try Product.decodeEvent(bytes) { continue }
                        if seenRewritten.insert(id).inserted { rewritten.append(id) }
                    }
                case SKUClaim.kind:
                    guard let name = CatalogueSKU(encoded: entry.id) else { throw MalformedBytes("no SKU", at: 0) }
                    for bytes in entry.events {
                        if case .released = try SKUClaim.decodeEvent(bytes) { freed.append(name.sku) }
                    }
                default:
                    continue
                }
            }
        }
    }
}
