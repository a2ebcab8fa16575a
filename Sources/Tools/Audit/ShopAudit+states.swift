import ActorSystem
import Commerce
import EventSourcing
import Schema

/// Takes the aggregates of a shop, one after the other.
public protocol ShopStateVisitor {
    /// Whether it is handed the aggregates of a kind: of all, unless it says otherwise.
    func takes<A: Recorded>(_ kind: A.Type) -> Bool
    mutating func visit<A: Recorded>(_ id: A.ID, _ value: Versioned<A>) throws
}

extension ShopStateVisitor {
    public func takes<A: Recorded>(_ kind: A.Type) -> Bool { true }
}

/// The states that the records have made.
extension ShopAudit {
    /// Hands every aggregate that `visitor` takes to it, kind by kind, ascending by id.
    ///
    /// - Parameter index: what each is said to have been changed by last, at the latest.
    public func visitStates(at index: LogIndex, _ visitor: inout some ShopStateVisitor) throws {
        for sku in visitor.takes(Stock.self) ? stocks.keys.sorted() : [] {
            if let value = stock(sku, at: index) { try visitor.visit(sku, value) }
        }
        for folded in Self.folded { try folded.visitStates(of: self, at: index, &visitor) }
    }

    public func stock(_ sku: SKU, at index: LogIndex = .zero) -> Versioned<Stock>? {
        guard let ledger = stocks[sku] else { return nil }
        return ledger.stock(sku).map { Versioned($0, version: ledger.version, index: index) }
    }

    /// The units that are held for orders, by order, ascending by SKU.
    public var unitsHeld: [OrderID: [SKUUnits]] {
        var held: [OrderID: [SKUUnits]] = [:]
        for (sku, ledger) in stocks {
            for (id, hold) in ledger.holds {
                guard case .order(let order) = id, let units = Units(hold.units) else { continue }
                held[order, default: []].append(SKUUnits(sku: sku, units: units))
            }
        }
        return held.mapValues { units in units.sorted { $0.sku < $1.sku } }
    }

    public func order(_ id: OrderID) -> Versioned<Order>? { orders.versioned(id, at: .zero) }
    /// The orders that are placed or paid, ascending.
    public var openOrders: [OrderID] { orders.idsInMotion.filter { orders[$0]?.status != nil } }
    public func product(_ id: ProductID) -> Versioned<Product>? { products.versioned(id, at: .zero) }
    public func key(_ id: IdempotencyKeyID) -> IdempotencyKey? { keys[id] }
    /// The product that has a SKU; nil when none has.
    public func holder(of sku: SKU) -> ProductID? { skuClaims[CatalogueSKU(sku)]?.holder }
    public func position(_ id: ConsumerPositionID) -> LogIndex { positions[id]?.position ?? .zero }
    /// The time of the last record of each shard that was read, by shard; zero where there was none.
    public var times: [Timestamp] { logs.map(\.time) }
}
