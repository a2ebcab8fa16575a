import Checkout
import Commerce
import EventSourcing
import Foundation
import HTTPTypes
import Testing

@testable import Gateway

@Suite("Orders over HTTP", .timeLimit(.minutes(10)))
struct OrderRouteTests {
    static func place(
        _ fixture: ShopFixture, _ body: String, token: String, key: String = UUID().uuidString
    ) async throws -> Reply {
        try await fixture.send(.post, "/orders", body, token: token, headers: [.idempotencyKey: key])
    }

    /// The member of staff who fulfils orders by hand.
    static let clerk = CustomerID(at: .zero, slot: Slot(0), random: 99)

    /// An order whose units have left the stock.
    static func fulfilled(_ fixture: ShopFixture, _ body: String, token: String) async throws -> String {
        let order = try await place(fixture, body, token: token)
        #expect(order.status == 201, "\(order.text)")
        let id = try #require(OrderID(order.string("id")))
        _ = try await fixture.shop.checkout.change(ChangeOrder(id, .fulfill, of: nil), by: clerk)
        return id.description
    }

    static func stock(_ fixture: ShopFixture, _ sku: String, price: Int = 100, units: Int) async throws {
        let staff = try await fixture.token(.staff)
        let created = try await fixture.send(
            .post, "/products", ProductRouteTests.form(sku, price: price), token: staff)
        #expect(created.status == 201, "\(created.text)")
        guard units > 0 else { return }
        let received = try await fixture.send(
            .post, "/inventory/\(sku)/receive", #"{"quantity":\#(units)}"#, token: staff)
        #expect(received.status == 200, "\(received.text)")
    }

    @Test("a cart loses what was ordered, once it is paid for, and no more than that", arguments: [1, 3])
    func cart(shards: Int) async throws {
        try await ShopFixture.run(shards: shards) { fixture in
            try await Self.stock(fixture, "A", units: 4)
            try await Self.stock(fixture, "B", units: 4)
            let token = try await fixture.token(.customer)
            for (sku, quantity) in [("A", 5), ("B", 1)] {
                _ = try await fixture.send(.put, "/cart/items/\(sku)", #"{"quantity":\#(quantity)}"#, token: token)
            }
            let cart = try await fixture.send(.get, "/cart", token: token).text
            let order = #"{"items":[{"sku":"A","quantity":QUANTITY}],"clear_cart":true}"#
            let short = try await Self.place(
                fixture, order.replacingOccurrences(of: "QUANTITY", with: "5"), token: token)
            #expect(short.status == 409 && short.code == "insufficient_stock", "\(short.text)")
            #expect(try await fixture.send(.get, "/cart", token: token).text == cart)
            let paid = try await Self.place(
                fixture, order.replacingOccurrences(of: "QUANTITY", with: "2"), token: token)
            #expect(paid.status == 201, "\(paid.text)")
            let left = try await fixture.send(.get, "/cart", token: token).json["items"] as? [[String: Any]] ?? []
            #expect(left.map { $0["sku"] as? String } == ["A", "B"])
            #expect(left.map { $0["quantity"] as? Int } == [3, 1])
        }
    }

    @Test("a refused order is told again under its key, and a new attempt takes a new one", arguments: [1, 3])
    func refusedKey(shards: Int) async throws {
        try await ShopFixture.run(shards: shards) { fixture in
            try await Self.stock(fixture, "A", units: 0)
            let token = try await fixture.token(.customer)
            let order = #"{"items":[{"sku":"A","quantity":2}]}"#
            let first = try await Self.place(fixture, order, token: token, key: "k")
            #expect(first.status == 409 && first.code == "insufficient_stock", "\(first.text)")
            _ = try await fixture.send(
                .post, "/inventory/A/receive", #"{"quantity":9}"#, token: fixture.token(.staff))
            let second = try await Self.place(fixture, order, token: token, key: "k")
            #expect(second.status == 409 && second.headers[.idempotentReplayed] == "true", "\(second.text)")
            #expect(second.string("order_id") == first.string("order_id"))
            let third = try await Self.place(fixture, order, token: token, key: "another")
            #expect(third.status == 201 && third.headers[.idempotentReplayed] == nil, "\(third.text)")
        }
    }

    @Test("an order is paid back in parts, by lines and by amount, and never more than was paid", arguments: [1, 3])
    func refunds(shards: Int) async throws {
        try await ShopFixture.run(shards: shards) { fixture in
            try await Self.stock(fixture, "A", price: 250, units: 9)
            try await Self.stock(fixture, "B", price: 99, units: 9)
            let (staff, token) = (try await fixture.token(.staff), try await fixture.token(.customer))
            let id = try await Self.fulfilled(
                fixture, #"{"items":[{"sku":"A","quantity":3},{"sku":"B","quantity":1}]}"#, token: token)
            let refund = { @Sendable (body: String, key: String) in
                try await fixture.send(
                    .post, "/orders/\(id)/refund", body, token: staff, headers: [.idempotencyKey: key])
            }
            let lines = #"{"lines":[{"sku":"A","quantity":2,"restock":false},{"sku":"B","quantity":1}],"reason":"x"}"#
            let first = try await refund(lines, "r1")
            #expect(first.status == 200 && first.string("status") == "FULFILLED", "\(first.text)")
            #expect((first.json["payment"] as? [String: Any])?["status"] as? String == "PARTIALLY_REFUNDED")
            #expect((first.json["refunded_total"] as? [String: Any])?["amount"] as? Int == 599)
            let retry = try await refund(lines, "r1")
            #expect(retry.status == 200 && retry.headers[.idempotentReplayed] == "true")
            #expect(retry.text == first.text)
            #expect(try await refund(#"{"amount":1}"#, "r1").code == "idempotency_key_reused")
            for (body, pointer) in [
                (#"{"amount":251}"#, "/amount"), (#"{"lines":[{"sku":"A","quantity":2}]}"#, "/lines/0/quantity"),
                (#"{"lines":[{"sku":"X","quantity":1}]}"#, "/lines/0/sku"), (#"{"lines":[]}"#, "/lines"),
                (#"{"amount":0}"#, "/amount"), (#"{"amount":1,"lines":[{"sku":"A","quantity":1}]}"#, "/amount"),
                (#"{"lines":[{"sku":"A","quantity":0}]}"#, "/lines/0/quantity"),
                (#"{"amount":1,"restock":true}"#, "/restock"),
            ] {
                let refused = try await refund(body, body)
                #expect(refused.status == 422, "\(body): \(refused.text)")
                let errors = refused.json["errors"] as? [[String: Any]] ?? []
                #expect(errors.first?["pointer"] as? String == pointer, "\(body): \(refused.text)")
            }
            #expect(try await fixture.send(.post, "/orders/\(id)/refund", "{}", token: token).status == 403)
            let second = try await refund(#"{"amount":50}"#, "r2")
            #expect(second.status == 200, "\(second.text)")
            let refunds = second.json["refunds"] as? [[String: Any]] ?? []
            #expect(refunds.map { $0["id"] as? String } == ["\(id)-refund", "\(id)-refund-2"])
            #expect(refunds.map { $0["amount"] as? Int } == [599, 50])
            #expect(refunds.allSatisfy { $0["status"] as? String == "REFUNDED" })
            #expect((refunds.first?["lines"] as? [[String: Any]])?.count == 2)
            let whole = try await fixture.send(.post, "/orders/\(id)/refund", token: staff)
            #expect(whole.status == 200 && whole.string("status") == "REFUNDED", "\(whole.text)")
            #expect((whole.json["refunded_total"] as? [String: Any])?["amount"] as? Int == 849)
            #expect(try await refund(#"{"amount":1}"#, "late").status == 409)
            #expect(try await fixture.send(.post, "/orders/\(id)/refund", token: staff).status == 200)
        }
    }

    @Test("where the goods go is corrected by the customer until they are shipped")
    func address() async throws {
        try await ShopFixture.run { fixture in
            try await Self.stock(fixture, "A", units: 9)
            let (staff, token) = (try await fixture.token(.staff), try await fixture.token(.customer))
            let address = { @Sendable (line: String) in
                #"{"name":"Ada","line1":"\#(line)","city":"London","country":"GB"}"#
            }
            let body = #"{"items":[{"sku":"A","quantity":2}],"shipping_address":\#(address("1 High Steet"))}"#
            let placed = try await Self.place(fixture, body, token: token, key: "k")
            let path = "/orders/\(placed.string("id"))"
            let correct = { @Sendable (line: String, token: String) in
                try await fixture.send(.put, path + "/shipping-address", address(line), token: token)
            }
            let line = { (reply: Reply) in (reply.json["shipping_address"] as? [String: Any])?["line1"] as? String }
            let corrected = try await correct("1 High Street", token)
            #expect(corrected.status == 200 && line(corrected) == "1 High Street", "\(corrected.text)")
            #expect(try await correct("1 High Street", staff).headers[.eTag] == corrected.headers[.eTag])
            #expect(try await line(fixture.send(.get, path, token: token)) == "1 High Street")
            #expect(try await correct("2 High Street", fixture.token(.customer)).status == 404)
            let bad = try await fixture.send(.put, path + "/shipping-address", #"{"name":""}"#, token: token)
            #expect(bad.status == 422 && bad.code == "invalid_fields", "\(bad.text)")
            let control = try await correct("1\\u0007High Street", token)
            #expect(control.status == 422 && control.text.contains(#""pointer":"/line1""#), "\(control.text)")
            #expect(try await line(correct(" 1 High Street ", token)) == "1 High Street")
            let torn = body.replacing("High Steet", with: "High\\u0007Street")
            let refused = try await Self.place(fixture, torn, token: token, key: "torn")
            #expect(refused.text.contains(#""pointer":"/shipping_address/line1""#), "\(refused.text)")
            // The first answer is given again as it was.
            #expect(try await Self.place(fixture, body, token: token, key: "k").text == placed.text)
            let id = try #require(OrderID(placed.string("id")))
            _ = try await fixture.shop.checkout.change(ChangeOrder(id, .fulfill, of: nil), by: Self.clerk)
            _ = try await fixture.send(.post, path + "/ship", token: staff)
            #expect(try await correct("3 High Street", token).status == 409)
        }
    }

    @Test("a tracking code is corrected by shipping again, and the former ones stay to be seen")
    func tracking() async throws {
        try await ShopFixture.run { fixture in
            try await Self.stock(fixture, "A", units: 9)
            let (staff, token) = (try await fixture.token(.staff), try await fixture.token(.customer))
            let id = try await Self.fulfilled(fixture, #"{"items":[{"sku":"A","quantity":2}]}"#, token: token)
            let ship = { @Sendable (code: String, token: String) in
                try await fixture.send(.post, "/orders/\(id)/ship", #"{"tracking":"\#(code)"}"#, token: token)
            }
            let first = try await ship("JD1", staff)
            #expect(first.status == 200 && first.string("tracking") == "JD1" && first.json["former_trackings"] == nil)
            #expect(try await ship("JD2", token).status == 403)
            let corrected = try await ship("JD2", staff)
            #expect(corrected.status == 200 && corrected.string("tracking") == "JD2", "\(corrected.text)")
            #expect(corrected.string("status") == "SHIPPED")
            let again = try await ship("JD2", staff)
            #expect(again.status == 200 && again.headers[.eTag] == corrected.headers[.eTag])
            #expect(try await fixture.send(.post, "/orders/\(id)/ship", token: staff).string("tracking") == "JD2")
            #expect(try await fixture.send(.post, "/orders/\(id)/deliver", token: staff).status == 200)
            #expect(try await ship("JD3", staff).string("status") == "DELIVERED")
            let seen = try await fixture.send(.get, "/orders/\(id)", token: token)
            let former = seen.json["former_trackings"] as? [[String: Any]] ?? []
            #expect(seen.string("tracking") == "JD3" && former.map { $0["tracking"] as? String } == ["JD1", "JD2"])
            #expect(former.allSatisfy { $0["replaced_at"] is String })
            let events = try await EventRouteTests.listen(
                fixture, "?after=beginning&types=OrderShipped,OrderTrackingCorrected", token: staff
            ) { events, _ in events.count >= 3 }
            #expect(events.map(\.type) == ["OrderShipped", "OrderTrackingCorrected", "OrderTrackingCorrected"])
            #expect(events.map { $0.data["tracking"] as? String } == ["JD1", "JD2", "JD3"])
        }
    }
}
