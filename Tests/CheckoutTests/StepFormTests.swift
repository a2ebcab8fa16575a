import Commerce
import EventSourcing
import JournalTesting
import StepTesting
import Testing

@testable import ActorSystem
@testable import Checkout

@Suite("The wire form of the steps and procedures of a checkout") struct StepFormTests {
    private let forms = StepForms(
        of: samples, in: CheckoutSteps.all + Self.procedures, sources: "Sources/Shop/Checkout")

    private static let procedures: [TakenStep] = {
        let journal = MemoryJournal()
        let shard = Shard(
            id: ShardID(0), journal: journal, states: journal, kinds: [], failStop: { fatalError("\($0)") })
        return Checkout(
            shards: ShardMap([shard]), prices: PriceBook { _ in nil },
            payments: InProcessPaymentProvider(firstNumber: 0), clock: { .zero }, random: { 0 }
        ).procedures
    }()

    @Test("is what it was") func golden() throws { try forms.expectGolden() }

    @Test("is golden with each optional field") func fields() { forms.expectFields() }

    @Test("ends where its last field does") func lengths() { forms.expectExactLengths() }

    @Test("is golden for every step of this target, and each is in the table")
    func complete() throws { try forms.expectComplete() }

    /// As much as each step may have to carry.
    @Test("fits a call at its largest")
    func largest() {
        let units = (0..<InventoryConsumer.linesPerRecordMax + Placement.linesMax).map { number in
            SKUUnits(sku: longSKU(number), units: .max)
        }
        let movement = MoveStock.Movement(index: LogIndex(.max), order: .sample, movement: .restock, units: units)
        expectFit(MoveStock(source: ShardID(0), target: ShardID(1), movements: [movement], last: LogIndex(.max)))
        let sales = (0..<SalesConsumer.skusPerRecordMax + Placement.linesMax).map { number in
            Sales.Change(
                product: ProductID(at: .zero, random: UInt64(number) << 2),
                sold: [SKUUnits(sku: longSKU(number), units: .max)])
        }
        expectFit(CountSales(source: ShardID(0), first: .zero, last: LogIndex(.max), changes: sales))
        let items = (0..<Placement.linesMax).map { number in
            OrderRequest.Item(
                sku: longSKU(number), quantity: Placement.quantityMax, unitPrice: Placement.unitPriceMax)
        }
        let line = String(repeating: "\u{1F9E6}", count: ShippingAddress.fieldLengthMax)
        var request = OrderRequest.sample
        request.items = items
        request.shippingAddress = ShippingAddress(
            name: line, line1: line, line2: line, city: line, region: line, postalCode: line, country: "GB")
        let prices = [Int64](repeating: Placement.unitPriceMax, count: items.count)
        expectFit(
            OpenOrder(
                id: .sample, request: request, keyID: request.key,
                quote: .success(Quote(unitPrices: prices, currency: .gbp)), attemptMax: .seconds(15)))
    }

    private func longSKU(_ number: Int) -> SKU {
        let digits = String(number)
        return SKU("L" + String(repeating: "0", count: SKU.lengthMax - 1 - digits.count) + digits)!
    }

    private func expectFit(_ step: some ShardStep) {
        let call = StepCall(step, by: ActorID(high: 0, low: 0)).encoded()
        #expect(call.count <= StepCall.bytesMax, "\(type(of: step)) has \(call.count) bytes")
    }
}
