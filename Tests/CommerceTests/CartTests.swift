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
