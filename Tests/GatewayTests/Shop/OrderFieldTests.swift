import Commerce
import EventSourcing
import Foundation
import StepTesting
import Testing

@testable import Gateway

/// Each field of an order on its way from the request's body to the order's document.
@Suite("The fields of an order", .timeLimit(.minutes(10)))
struct OrderFieldTests {
    private static let body = #"""
        "payment_method":"pm_1","clear_cart":true,"shipping_address":{"name":"Ann Lee","line1":"1 Row","line2":"Flat 2",
        "city":"York","region":"Yorkshire","postal_code":"YO1 7HH","country":"GB"}
        """#
    /// Between them they have every member that a body may have.
    private static let bodies: [(role: Principal.Role, body: String)] = [
        (.guest, #"{"items":[{"sku":"A","quantity":1}],"expected_total":100,"email":"ann@example.org",\#(body)}"#),
        (.staff, #"{"items":[{"sku":"A","quantity":1,"unit_price":90}],"customer_reference":"4711",\#(body)}"#),
        (.staff, #"{"items":[{"sku":"A","quantity":1}],"customer_id":"CUSTOMER"}"#),
    ]

    /// The facts of a placement, and the member of the order's document that tells of each; nil where none does.
    private static let told: [String: String?] = [
        "customer": "customer_id", "lines": "items", "currency": "total", "shippingAddress": "shipping_address",
        "email": "email", "paymentMethod": nil, "placedBy": "placed_by", "deadline": nil, "clearsCart": nil,
    ]

    private static func facts(of placement: Placement) -> Set<String> {
        let content = Mirror(reflecting: placement).descendant("content")
        let facts = content.flatMap { Mirror(reflecting: $0).descendant("facts") }
        return Set(facts.map { Mirror(reflecting: $0).children.compactMap(\.label) } ?? [])
    }

    @Test("are described, kept, and told as they were said", arguments: [1, 3])
    func saidAndTold(shards: Int) async throws {
        let members = try Description().members
        try await ShopFixture.run(shards: shards) { fixture in
            try await OrderRouteTests.stock(fixture, "A", units: 9)
            let guest = try await fixture.send(.post, "/auth/guest")
            let staff = try await fixture.token(.staff)
            var (said, shown, census): (Set<String>, Set<String>, FieldCensus) = ([], [], FieldCensus())
            for (role, text) in Self.bodies {
                let body = text.replacing("CUSTOMER", with: guest.string("customer_id"))
                let token = role == .guest ? guest.string("access_token") : staff
                let placed = try await OrderRouteTests.place(fixture, body, token: token)
                #expect(placed.status == 201, "\(placed.text)")
                let order = try await fixture.send(.get, "/orders/\(placed.string("id"))", token: staff)
                let asked = try #require(try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any])
                for (member, value) in asked where order.json[member] != nil && member != "items" {
                    #expect(order.json[member] as? NSObject == value as? NSObject, "\(member)")
                }
                said.formUnion(asked.keys)
                shown.formUnion(order.json.keys)
                let id = try #require(OrderID(order.string("id")))
                let placement = try #require(try await fixture.shop.shards.read(Order.self, id).state.placement)
                #expect(Self.facts(of: placement) == Set(Self.told.keys), "a fact is told, or is not, by decision")
                census.take(placement)
            }
            #expect(said == members["NewOrder"], "what a body may say, and what is described of it")
            #expect(census.absent.subtracting(census.present) == [], "no body says it")
            #expect(Set(Self.told.values.compactMap(\.self)).subtracting(shown) == [], "no document tells it")
        }
    }

    @Test("are all described in its document")
    func document() throws {
        let id = OrderID(at: .zero, slot: Slot(0), random: 1 << 32)
        let customer = CustomerID(at: .zero, slot: Slot(0), random: 2 << 32)
        let placed = Order.Event.placed(Self.placement(of: customer), at: .zero)
        let lives: [[Order.Event]] = [
            [
                placed, .paid(ChargeID("ch_1")!, at: .zero), .fulfilled(at: .zero), .shipped(tracking: "1", at: .zero),
                .trackingCorrected("2", at: .zero), .partRefundRequested(amount: 1, lines: [], reason: nil, at: .zero),
            ],
            [placed, .rejected(.paymentExpired, at: .zero)],
        ]
        var told: Set<String> = []
        for events in lives {
            var order = Order(id: id)
            for event in events { order.apply(event) }
            let bytes = OrderDocument(order).json.bytes
            let document = try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any]
            told.formUnion(document?.keys.map(\.self) ?? [])
        }
        #expect(try told == Description().members["Order"])
    }

    private static func placement(of customer: CustomerID) -> Placement {
        Placement(
            customer: customer, lines: [OrderLine(sku: SKU("A")!, quantity: 1, unitPrice: 100)], currency: .gbp,
            shippingAddress: ShippingAddress(name: "A", line1: "B", city: "C", country: "GB"),
            email: EmailAddress("ann@example.org"), placedBy: customer, deadline: .zero)
    }
}
