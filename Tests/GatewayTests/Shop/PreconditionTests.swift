import Checkout
import Commerce
import EventSourcing
import Foundation
import HTTPTypes
import Testing

@testable import Gateway

@Suite("Conditions on changes", .timeLimit(.minutes(10)))
struct PreconditionTests {
    /// A request that would be done without conditions.
    private struct Example: Sendable {
        let method: HTTPRequest.Method
        let pattern: String
        let path: String
        var body: String?
        var token: String
        /// Where the tag stands that the request names, for routes with a version.
        var source: String?

        var route: String { "\(method.rawValue) /api/v1\(pattern)" }
    }

    private static func examples(_ fixture: ShopFixture) async throws -> [Example] {
        let staff = try await fixture.token(.staff)
        let admin = try await fixture.token(.admin)
        let id = CustomerID(at: ShopFixture.now(), slot: Slot(7), random: 7)
        let customer = try await fixture.token(.customer, subject: id)
        let product = try await fixture.send(.post, "/products", ProductRouteTests.form("A", price: 5), token: staff)
            .string("id")
        _ = try await fixture.send(.post, "/inventory/A/receive", #"{"quantity":90}"#, token: staff)
        _ = try await fixture.send(.put, "/cart/items/A", #"{"quantity":1}"#, token: customer)
        var holds: [String] = []
        for _ in 0..<2 {
            holds.append(
                try await fixture.send(
                    .post, "/inventory/A/reservations", #"{"quantity":1,"expires_in":600}"#, token: staff
                ).string("reservation_id"))
        }
        let account = try await fixture.send(
            .post, "/auth/register", #"{"email":"p@example.com","password":"a shop of one's own, at last"}"#
        ).string("id")
        var orders: [String] = []
        for number in 0..<5 {
            orders.append(
                try await fixture.send(
                    .post, "/orders", #"{"items":[{"sku":"A","quantity":1}]}"#, token: customer,
                    headers: [.idempotencyKey: "order-\(number)"]
                ).string("id"))
        }
        for number in 2..<5 {
            let id = try #require(OrderID(orders[number]))
            _ = try await fixture.shop.checkout.change(
                ChangeOrder(id, .fulfill, of: nil), by: OrderRouteTests.clerk)
        }
        _ = try await fixture.send(.post, "/orders/\(orders[3])/ship", token: staff)
        let onHand = try await fixture.send(.get, "/inventory/A", token: staff).json["on_hand"] as? Int ?? 0
        func stock(_ method: HTTPRequest.Method, _ rest: String, _ path: String, _ body: String?) -> Example {
            Example(
                method: method, pattern: "/inventory/{sku}" + rest, path: "/inventory/A" + path, body: body,
                token: staff, source: "/inventory/A")
        }
        func catalogue(_ method: HTTPRequest.Method, _ rest: String, _ path: String, _ body: String?) -> Example {
            Example(
                method: method, pattern: "/products/{id}" + rest, path: "/products/\(product)" + path, body: body,
                token: staff, source: "/products/\(product)")
        }
        func cart(_ method: HTTPRequest.Method, _ pattern: String, _ path: String, _ body: String?) -> Example {
            Example(method: method, pattern: pattern, path: path, body: body, token: customer, source: "/cart")
        }
        func order(_ number: Int, _ step: String, _ body: String? = nil, token: String) -> Example {
            Example(
                method: body == nil ? .post : .put, pattern: "/orders/{id}/" + step,
                path: "/orders/\(orders[number])/" + step, body: body, token: token,
                source: "/orders/\(orders[number])")
        }
        return [
            stock(.put, "", "", #"{"on_hand":\#(onHand),"expected":\#(onHand),"reason":"count"}"#),
            stock(.post, "/receive", "/receive", #"{"quantity":1}"#),
            stock(.post, "/adjust", "/adjust", #"{"delta":-1,"reason":"damage"}"#),
            stock(.post, "/reservations", "/reservations", #"{"quantity":1,"expires_in":600}"#),
            stock(.delete, "/reservations/{id}", "/reservations/\(holds[0])", nil),
            stock(.post, "/reservations/{id}/fulfill", "/reservations/\(holds[1])/fulfill", nil),
            catalogue(.put, "", "", ProductRouteTests.form("A", price: 6)),
            catalogue(.post, "/deactivate", "/deactivate", nil), catalogue(.post, "/activate", "/activate", nil),
            catalogue(.put, "/prices/{sku}", "/prices/A", #"{"amount":7,"currency":"GBP"}"#),
            cart(.post, "/cart/items", "/cart/items", #"{"sku":"A","quantity":1}"#),
            cart(.put, "/cart/items/{sku}", "/cart/items/A", #"{"quantity":4}"#),
            cart(.delete, "/cart/items/{sku}", "/cart/items/A", nil), cart(.delete, "/cart", "/cart", nil),
            Example(
                method: .post, pattern: "/accounts/{id}/role", path: "/accounts/\(account)/role",
                body: #"{"role":"staff"}"#, token: admin, source: "/accounts/\(account)"),
            order(0, "cancel", token: customer),
            order(
                1, "shipping-address", #"{"name":"Ada","line1":"1 High Street","city":"London","country":"GB"}"#,
                token: customer),
            order(2, "ship", token: staff), order(3, "deliver", token: staff), order(4, "refund", token: staff),
        ]
    }

    @Test("on every route that changes something a condition that does not hold is 412, and nothing is done")
    func everywhere() async throws {
        try await ShopFixture.run(shards: 1) { fixture in
            let examples = try await Self.examples(fixture)
            let staff = try await fixture.token(.staff)
            for example in examples {
                let source = try #require(example.source)
                let token = source == "/cart" ? example.token : staff
                let before = try await fixture.send(.get, source, token: token)
                let tag = try #require(before.headers[.eTag])
                func send(_ headers: HTTPFields) async throws -> Reply {
                    try await fixture.send(
                        example.method, example.path, example.body, token: example.token, headers: headers)
                }
                for headers: HTTPFields in [
                    [.ifMatch: "\"bogus\""], [.ifMatch: "bogus"], [.ifMatch: "W/" + tag], [.ifMatch: ""],
                    [.ifNoneMatch: "*"], [.ifNoneMatch: tag], [.ifNoneMatch: "\"x\", W/" + tag],
                    [.ifMatch: tag, .ifNoneMatch: tag],
                ] {
                    let refused = try await send(headers)
                    #expect(
                        refused.status == 412 && refused.code == "version_mismatch",
                        "\(example.route) \(headers): \(refused.status) \(refused.text)")
                }
                #expect(try await fixture.send(.get, source, token: token).text == before.text, "\(example.route)")
                let done = try await send([.ifMatch: "\"x\", " + tag, .ifNoneMatch: "\"x\""])
                #expect((200...299).contains(done.status), "\(example.route): \(done.text)")
            }
        }
    }

    @Test("routes without a version refuse every tag, and routes with one are tried above")
    func others() async throws {
        try await ShopFixture.run(shards: 1) { fixture in
            let tried = Set(try await Self.examples(fixture).map(\.route))
            let admin = try await fixture.token(.admin)
            for route in fixture.routes where !route.hasPrefix("GET ") && !tried.contains(route) {
                let parts = route.split(separator: " ")
                let path = String(parts[1]).replacing("/api/v1", with: "").replacing("{id}", with: "x")
                    .replacing("{sku}", with: "A")
                for headers: HTTPFields in [[.ifMatch: "\"bogus\""], [.ifNoneMatch: "*"]] {
                    let reply = try await fixture.send(
                        try #require(HTTPRequest.Method(String(parts[0]))), path, "{}", token: admin, headers: headers)
                    #expect(reply.status == 412, "\(route): \(reply.status) \(reply.text)")
                }
            }
        }
    }

    @Test("what was done under a key is answered again, though its condition holds no longer")
    func replay() async throws {
        try await ShopFixture.run(shards: 1) { fixture in
            let staff = try await fixture.token(.staff)
            let customer = try await fixture.token(.customer)
            _ = try await fixture.send(.post, "/products", ProductRouteTests.form("A"), token: staff)
            for (path, body, source, token) in [
                ("/inventory/A/receive", #"{"quantity":2}"#, "/inventory/A", staff),
                ("/cart/items", #"{"sku":"A","quantity":2}"#, "/cart", customer)
            ] {
                let tag = try #require(try await fixture.send(.get, source, token: token).headers[.eTag])
                for isReplayed in [false, true] {
                    let reply = try await fixture.send(
                        .post, path, body, token: token, headers: [.ifMatch: tag, .idempotencyKey: "k"])
                    #expect(reply.status == 200, "\(reply.text)")
                    #expect((reply.headers[.idempotentReplayed] == "true") == isReplayed)
                }
                let other = try await fixture.send(
                    .post, path, body, token: token, headers: [.ifMatch: tag, .idempotencyKey: "l"])
                #expect(other.status == 412)
            }
        }
    }
}
