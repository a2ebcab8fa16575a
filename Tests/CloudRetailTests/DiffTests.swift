import Audit
import Commerce
import EventSourcing
import Testing

@testable import ActorSystem
@testable import Simulation
@testable import cloudretail

@Suite("The difference of two snapshots", .timeLimit(.minutes(10))) struct DiffTests {
    @Test("is that of the states that their logs make, wherever these are saved", arguments: 1...4)
    func states(seed: UInt64) throws {
        let shop = SimulatedShop(seed: seed)
        var random = Generator(seed: seed)
        for _ in 0..<10 {
            let cuts = [shop.randomCut(&random), shop.randomCut(&random)]
            let contents = try cuts.map { cut in
                try SnapshotContent(shop.snapshot(at: cut, saved: cut.map { random.below($0 + 1) }))
            }
            let audits = try cuts.map { try Verification(shop.snapshot(at: $0)).audit }
            try expect(Order.self, contents, audits.map { try States<Order>(of: $0) })
            try expect(Stock.self, contents, audits.map { try States<Stock>(of: $0) })
            try expect(Product.self, contents, audits.map { try States<Product>(of: $0) })
        }
    }

    private func expect<A: Recorded & Equatable>(
        _: A.Type, _ contents: [SnapshotContent], _ states: [States<A>]
    ) throws {
        var pairs: [(A?, A?)] = []
        try SnapshotContent.forEachPair(of: A.self, contents[0], contents[1]) { pairs.append(($0, $1)) }
        #expect(pairs.compactMap(\.0) == states[0].all)
        #expect(pairs.compactMap(\.1) == states[1].all)
    }

    /// Of one kind, ascending by their keys.
    private struct States<A: Recorded & Equatable>: ShopStateVisitor {
        private var found: [(key: [UInt8], state: A)] = []
        var all: [A] { found.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map(\.state) }

        init(of audit: ShopAudit) throws { try audit.visitStates(at: .zero, &self) }

        mutating func visit<B: Recorded>(_ id: B.ID, _ value: Versioned<B>) {
            guard let state = value.state as? A else { return }
            var key: [UInt8] = []
            id.encode(into: &key)
            found.append((key, state))
        }
    }

    @Test("tells what is new, what changed and how")
    func told() throws {
        let sku = SKU("CUP")!
        var (before, after) = (Stock(id: sku), Stock(id: sku))
        #expect(ShopDifference(before, after) == nil)
        #expect(ShopDifference(nil, before)?.text == "stock CUP new: on hand none -> 0, reserved none -> 0")
        before.apply(.received(5, reference: nil))
        after = before
        after.apply(.reserved(.order(OrderID(at: .zero, slot: Slot(0), random: 4)), 2, until: nil))
        #expect(ShopDifference(before, after)?.text == "stock CUP changed: reserved 0 -> 2")

        var product = Product(id: ProductID(at: .zero, random: 4))
        let details = { (price: Int64, title: String) in
            Product.Details(
                title: title, variants: [Variant(sku: sku, price: Money(amount: price, currency: .gbp))])
        }
        product.apply(.created(details(500, "Cup"), at: .zero))
        var dearer = product
        dearer.apply(.priced(sku, Money(amount: 600, currency: .gbp), at: .zero))
        let name = "product \(product.id)"
        #expect(ShopDifference(product, dearer)?.text == "\(name) changed: CUP 500 -> 600 GBP")
        #expect(ShopDifference(product, nil)?.text == "\(name) gone: CUP 500 -> none GBP")
        dearer.apply(.updated(details(500, "Mug"), at: .zero))
        #expect(ShopDifference(product, dearer)?.text == "\(name) changed: details")
        product.apply(.unitsSold([SKUUnits(sku: sku, units: 1)]))
        #expect(ShopDifference(product, product) == nil)
    }
}
