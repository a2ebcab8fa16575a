import Commerce
import EventSourcing
import Testing

@Suite struct CartTests {
    @Test func linesKeepTheOrderInWhichTheyCame() throws {
        var cart = Cart(id: customer)
        try cart.handle(.setItem(mug, 2))
        try cart.handle(.addItem(lamp, 1))
        try cart.handle(.addItem(mug, 3))
        #expect(cart.lines == [CartLine(sku: mug, quantity: 5), CartLine(sku: lamp, quantity: 1)])
        try cart.handle(.setItem(mug, 0))
        #expect(cart.lines == [CartLine(sku: lamp, quantity: 1)])
        try cart.handle(.clear)
        #expect(cart.lines.isEmpty)
    }

    @Test func whatStandsIsNotRecordedAgain() throws {
        var cart = Cart(id: customer)
        #expect(try cart.handle(.clear).isEmpty)
        #expect(try cart.handle(.removeItem(mug)).isEmpty)
        try cart.handle(.setItem(mug, 2))
        #expect(try cart.handle(.setItem(mug, 2)).isEmpty)
    }

    @Test func whatWasBoughtLeavesTheCartAndNoMoreThanIsThere() throws {
        var cart = Cart(id: customer)
        for (sku, quantity) in [(mug, 5), (lamp, 2), (SKU("S1")!, 1)] as [(SKU, Units)] {
            try cart.handle(.setItem(sku, quantity))
        }
        let bought = [
            SKUUnits(sku: lamp, units: 3), SKUUnits(sku: mug, units: 2), SKUUnits(sku: SKU("S0")!, units: 9),
        ].sorted { $0.sku < $1.sku }
        #expect(try cart.handle(.takeOut(bought)) == [.itemSet(mug, 3), .itemRemoved(lamp)])
        #expect(cart.lines == [CartLine(sku: mug, quantity: 3), CartLine(sku: SKU("S1")!, quantity: 1)])
        #expect(try cart.handle(.takeOut([SKUUnits(sku: mug, units: 3)])) == [.itemRemoved(mug)])
        #expect(try cart.handle(.takeOut(bought)).isEmpty)
    }

    @Test func aGuestsCartSaysSoOnce() throws {
        var cart = Cart(id: customer)
        #expect(try cart.handle(.openForGuest) == [.openedForGuest])
        try cart.handle(.setItem(mug, 2))
        #expect(try cart.handle(.openForGuest).isEmpty)
        #expect(cart.isGuests && cart.quantity(of: mug) == 2)
    }

    @Test func aGuestsCartGoesToOneAccountAndStaysAsItWas() throws {
        let ann = CustomerID(at: .noon, slot: Slot(8), random: 1 << 40)
        let bob = CustomerID(at: .noon, slot: Slot(8), random: 9 << 40)
        var cart = Cart(id: customer)
        #expect(try cart.handle(.handOver(to: ann)).isEmpty)
        try cart.handle(.openForGuest)
        try cart.handle(.setItem(mug, 2))
        #expect(try cart.handle(.handOver(to: ann)) == [.handedOver(.init(to: ann, at: .noon))])
        #expect(try cart.handle(.handOver(to: ann), at: .noon + .seconds(9)).isEmpty)
        #expect(throws: Cart.Refusal.handedOver) { try cart.decide(.handOver(to: bob), at: .noon) }
        for command in [Cart.Command.setItem(lamp, 1), .addItem(mug, 1), .removeItem(mug), .clear] {
            #expect(throws: Cart.Refusal.handedOver) { try cart.decide(command, at: .noon) }
        }
        #expect(cart.quantity(of: mug) == 2)
        // An order of before may be paid after.
        #expect(try cart.handle(.takeOut([SKUUnits(sku: mug, units: 1)])) == [.itemSet(mug, 1)])
    }

    @Test func anAccountsCartGoesToNoOther() throws {
        var cart = Cart(id: customer)
        try cart.handle(.setItem(mug, 2))
        #expect(try cart.handle(.handOver(to: customer)).isEmpty)
    }

    @Test func aMergeSumsUpAsFarAsTheLimitsLetIt() throws {
        var cart = Cart(id: customer)
        for number in 0..<Cart.linesMax - 1 { try cart.handle(.addItem(SKU("S\(number)")!, 999_999)) }
        let lines = [
            CartLine(sku: SKU("S0")!, quantity: 1), CartLine(sku: SKU("S1")!, quantity: 2),
            CartLine(sku: mug, quantity: 3), CartLine(sku: lamp, quantity: 4),
        ]
        let merge = CartMerge(of: lines, into: cart)
        #expect(merge.cuts == [
            .init(sku: SKU("S1")!, wanted: 1_000_001, quantity: 1_000_000), .init(sku: lamp, wanted: 4, quantity: 0),
        ])
        #expect(try cart.handle(.merge(lines)) == merge.events)
        #expect(cart.lines.count == Cart.linesMax && cart.quantity(of: mug) == 3)
        #expect(cart.quantity(of: SKU("S0")!) == 1_000_000 && cart.quantity(of: SKU("S1")!) == 1_000_000)
    }

    @Test func limitsAreRefused() throws {
        var cart = Cart(id: customer)
        for number in 0..<Cart.linesMax { try cart.handle(.addItem(SKU("S\(number)")!, 1)) }
        #expect(throws: Cart.Refusal.tooManyLines) { try cart.decide(.addItem(mug, 1), at: .noon) }
        try cart.handle(.addItem(SKU("S0")!, 1))
        #expect(throws: Cart.Refusal.quantityTooLarge) { try cart.decide(.addItem(SKU("S0")!, .max), at: .noon) }
        #expect(throws: Cart.Refusal.quantityTooLarge) {
            try cart.decide(.setItem(SKU("S0")!, 1_000_001), at: .noon)
        }
        #expect(throws: Cart.Refusal.quantityZero) { try cart.decide(.addItem(SKU("S0")!, 0), at: .noon) }
    }
}
