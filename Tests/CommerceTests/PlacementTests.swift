import Commerce
import EventSourcing
import Testing

/// Two placements under one id are one order only if they say the same in every field.
@Suite struct PlacementTests {
    private static let lines = [OrderLine(sku: SKU("lamp")!, quantity: 2, unitPrice: 850)]
    private static let address = ShippingAddress(name: "A", line1: "B", city: "C", country: "GB")
    private static let customer = CustomerID(at: .zero, slot: Slot(0), random: 1 << 32)
    private static let other = CustomerID(at: .zero, slot: Slot(0), random: 2 << 32)
    private static let deadline = Timestamp.zero + .seconds(15)

    private static func placement(
        customer: CustomerID = Self.customer, lines: [OrderLine] = Self.lines, currency: Currency = .gbp,
        shippingAddress: ShippingAddress? = nil, email: EmailAddress? = nil, paymentMethod: String? = nil,
        placedBy: CustomerID = Self.customer, deadline: Timestamp = Self.deadline, clearsCart: Bool = false
    ) -> Placement {
        Placement(
            customer: customer, lines: lines, currency: currency, shippingAddress: shippingAddress, email: email,
            paymentMethod: paymentMethod, placedBy: placedBy, deadline: deadline, clearsCart: clearsCart)
    }

    /// A placement for each field that differs from `placement()` in this field alone.
    private static let variants: [String: Placement] = [
        "customer": placement(customer: other),
        "lines": placement(lines: [OrderLine(sku: SKU("lamp")!, quantity: 2, unitPrice: 851)]),
        "currency": placement(currency: .eur),
        "shippingAddress": placement(shippingAddress: address),
        "email": placement(email: EmailAddress("ann@example.org")),
        "paymentMethod": placement(paymentMethod: "pm_1"),
        "placedBy": placement(placedBy: other),
        "deadline": placement(deadline: deadline + .seconds(1)),
        "clearsCart": placement(clearsCart: true),
    ]

    /// The names of the stored facts, as the value itself has them.
    private static var fields: Set<String> {
        let content = Mirror(reflecting: placement()).children.first { $0.label == "content" }
        let facts = content.map { Mirror(reflecting: $0.value) }?.children.first { $0.label == "facts" }
        return Set(facts.map { Mirror(reflecting: $0.value) }?.children.compactMap(\.label) ?? [])
    }

    @Test func everyFieldHasAVariantHere() {
        #expect(Self.fields == Set(Self.variants.keys))
    }

    @Test func aPlacementThatDiffersInOneFieldIsAnotherOrder() throws {
        var order = Order(id: OrderID(at: .zero, slot: Slot(0), random: 3 << 32))
        for event in try order.decide(.place(Self.placement()), at: .zero) { order.apply(event) }
        #expect(try order.decide(.place(Self.placement()), at: .zero).isEmpty)
        for (field, variant) in Self.variants {
            #expect(variant != Self.placement(), "\(field) does not take part")
            #expect(throws: Order.Refusal.alreadyPlaced, "\(field)") { try order.decide(.place(variant), at: .zero) }
        }
    }

    @Test(arguments: [
        ShippingAddress(name: " ", line1: "B", city: "C", country: "GB"),
        ShippingAddress(name: "A", line1: "", city: "C", country: "GB"),
        ShippingAddress(name: "A", line1: "B", city: "\u{3000}", country: "GB"),
        ShippingAddress(name: "A", line1: "B", city: "C", country: "gb"),
        ShippingAddress(name: "A", line1: "B", city: "C", country: "XX"),
    ]) func goodsGoToAnAddressThatSaysSomething(address: ShippingAddress) throws {
        let order = Order(id: OrderID(at: .zero, slot: Slot(0), random: 3 << 32))
        #expect(throws: Order.Refusal.invalid(.shippingAddress)) {
            try order.decide(.place(Self.placement(shippingAddress: address)), at: .zero)
        }
    }
}
