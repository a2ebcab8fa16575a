import ActorSystem
import Commerce
import EventSourcing
import Schema

/// What a stretch of the catalogue's log has changed.
public struct CatalogueChanges: Sendable {
    /// Each once, in the order of their first change.
    public private(set) var products: [ProductID] = []
    /// Those of them of which more has changed than how many were sold.
    public private(set) var rewritten: Set<ProductID> = []
    /// Those of them of which units were sold or came back.
    public private(set) var sold: Set<ProductID> = []
    /// SKUs that their product gave up; another may have taken them since.
    private(set) var freed: [SKU] = []

    var isEmpty: Bool { products.isEmpty && freed.isEmpty }

    /// - Throws: when a record cannot be read.
    public init(_ records: [JournalRecord]) throws(MalformedBytes) {
        var seen: Set<ProductID> = []
        for record in records {
            for entry in try RecordBody(record.bytes, of: KindSet(Product.kind, SKUClaim.kind)).entries {
                switch entry.kind {
                case Product.kind:
                    guard let id = ProductID(encoded: entry.id) else { throw MalformedBytes("no product id", at: 0) }
                    if seen.insert(id).inserted { products.append(id) }
                    for bytes in entry.events {
                        switch try Product.decodeEvent(bytes) {
                        case .unitsSold, .unitsReturned: sold.insert(id)
                        case .created, .updated, .priced, .activated, .deactivated: rewritten.insert(id)
                        }
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
