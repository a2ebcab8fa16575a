import ActorSystem
import Commerce
import EventSourcing
import Foundation
import HTTPTypes
import Schema
import Testing

@testable import Gateway

@Suite("Who asked for a change stands in the log", .timeLimit(.minutes(10)))
struct ActorTests {
    /// Sends one request after the other, and looks whether the records that each makes name the account that asks.
    private final class Session {
        let fixture: ShopFixture
        private(set) var seen: Set<String> = []

        init(_ fixture: ShopFixture) { self.fixture = fixture }

        /// - Parameters:
        ///   - route: as it is registered, without `/api/v1`.
        ///   - path: with its free segments filled in; nil for a route that has none.
        ///   - actor: who must stand in the log; nil when the answer is the account itself.
        @discardableResult
        func send(
            _ route: String, to path: String? = nil, _ body: String? = nil, token: String? = nil, as actor: CustomerID?,
            key: String? = nil
        ) async throws -> Reply {
            let parts = route.split(separator: " ")
            seen.insert("\(parts[0]) /api/v1\(parts[1])")
            let shards = fixture.shop.shards.shards
            let before = shards.map(\.journal.committed)
            var headers = HTTPFields()
            if let key { headers[.idempotencyKey] = key }
            let reply = try await fixture.send(
                HTTPRequest.Method(String(parts[0]))!, path ?? String(parts[1]), body, token: token, headers: headers)
            #expect((200..<300).contains(reply.status), "\(route) \(reply.text)")
            var actors: Set<CustomerID> = []
            for (shard, index) in zip(shards, before) {
                for record in try shard.journal.records(from: index.next, countMax: 100, bytesMax: 1 << 20) {
                    if let actor = try RecordBody(record.bytes).actor { actors.insert(try #require(CustomerID(actor))) }
                }
            }
            let expected = try #require(actor ?? CustomerID(reply.string("id")))
            #expect(actors == [expected], "\(route)")
            return reply
        }
    }

    @Test("every route that changes something names in its records the account that asks")
    func everyRoute() async throws {
        try await ShopFixture.run { fixture in
            let session = Session(fixture)
            let admin = CustomerID(at: ShopFixture.now(), slot: Slot(7), random: 1 << 40)
            let token = try await fixture.token(.admin, subject: admin)
            try await Self.keepCatalogue(session, token, admin)
            try await Self.keepStock(session, token, admin)
            try await Self.buy(session, token, admin)
            try await Self.comeAndGo(session, token, admin)
            try await Self.tellEndpoints(session, token, admin)
            // A refresh token says itself whose session it renews, nothing is recorded of a new guest and of a test of
            // an endpoint, and changes of the cluster and of a payment simulator are no records of the shop.
            let untried: Set = [
                "POST /api/v1/auth/refresh", "POST /api/v1/auth/guest", "POST /api/v1/webhooks/{id}/test",
            ]
            let changing = fixture.routes.filter { route in
                !route.hasPrefix("GET ") && !["/cluster/", "/payments/faults"].contains { route.contains($0) }
            }
            #expect(Set(changing).subtracting(session.seen) == untried, "not tried here")
        }
    }

    private static func keepCatalogue(_ session: Session, _ token: String, _ admin: CustomerID) async throws {
        let created = try await session.send(
            "POST /products", ProductRouteTests.form("A"), token: token, as: admin)
        let path = "/products/\(created.string("id"))"
        try await session.send(
            "POST /products/batch", #"{"products":[\#(ProductRouteTests.form("B"))]}"#, token: token, as: admin)
        try await session.send("POST /products/{id}/deactivate", to: path + "/deactivate", token: token, as: admin)
        try await session.send("POST /products/{id}/activate", to: path + "/activate", token: token, as: admin)
        try await session.send(
            "PUT /products/{id}", to: path, ProductRouteTests.form("A", title: "Other lamp"), token: token, as: admin)
        try await session.send(
            "PUT /products/{id}/prices/{sku}", to: path + "/prices/A", #"{"amount":10,"currency":"GBP"}"#, token: token,
            as: admin)
    }

    private static func keepStock(_ session: Session, _ token: String, _ admin: CustomerID) async throws {
        try await session.send(
            "POST /inventory/{sku}/receive", to: "/inventory/A/receive", #"{"quantity":9}"#, token: token, as: admin)
        try await session.send(
            "POST /inventory/{sku}/adjust", to: "/inventory/A/adjust", #"{"delta":1,"reason":"correction"}"#,
            token: token, as: admin)
        try await session.send(
            "PUT /inventory/{sku}", to: "/inventory/A", #"{"on_hand":9,"expected":10,"reason":"count"}"#,
            token: token, as: admin)
        try await session.send(
            "POST /inventory/batch", #"{"receipts":[{"sku":"A","quantity":1},{"sku":"B","quantity":1}]}"#, token: token,
            as: admin)
        for route in ["DELETE /inventory/{sku}/reservations/{id}", "POST /inventory/{sku}/reservations/{id}/fulfill"] {
            let held = try await session.send(
                "POST /inventory/{sku}/reservations", to: "/inventory/A/reservations",
                #"{"quantity":1,"expires_in":60}"#, token: token, as: admin)
            let path = String(route.split(separator: " ")[1]).replacing("{sku}", with: "A")
                .replacing("{id}", with: held.string("reservation_id"))
            try await session.send(route, to: path, token: token, as: admin)
        }
        let movements = try await session.fixture.send(.get, "/inventory/A/movements", token: token)
        #expect(movements.data.count > 5)
        #expect(movements.data.allSatisfy { $0["actor"] as? String == admin.description }, "\(movements.text)")
    }

    private static func tellEndpoints(_ session: Session, _ token: String, _ admin: CustomerID) async throws {
        let made = try await session.send(
            "POST /webhooks", #"{"url":"https://hooks.example/in"}"#, token: token, as: admin)
        let id = try #require(WebhookID(made.string("id")))
        let path = "/webhooks/\(id)"
        try await session.send(
            "PATCH /webhooks/{id}", to: path, #"{"description":"books"}"#, token: token, as: admin)
        try await session.send(
            "POST /webhooks/{id}/rotate-secret", to: path + "/rotate-secret", token: token, as: admin)
        let shard = session.fixture.shop.shards.catalogue.id
        try await WebhookRouteTests.fail([7], of: id, on: shard, session.fixture)
        try await session.send("POST /webhooks/{id}/replay", to: path + "/replay", "{}", token: token, as: admin)
        try await session.send("DELETE /webhooks/{id}", to: path, token: token, as: admin)
    }

    private static func buy(_ session: Session, _ token: String, _ admin: CustomerID) async throws {
        try await session.send("POST /cart/items", #"{"sku":"A","quantity":1}"#, token: token, as: admin)
        try await session.send(
            "PUT /cart/items/{sku}", to: "/cart/items/A", #"{"quantity":2}"#, token: token, as: admin)
        try await session.send("DELETE /cart/items/{sku}", to: "/cart/items/A", token: token, as: admin)
        try await session.send("POST /cart/items", #"{"sku":"A","quantity":1}"#, token: token, as: admin)
        try await session.send("DELETE /cart", token: token, as: admin)
        let order = #"{"items":[{"sku":"A","quantity":1,"unit_price":0}],"customer_reference":"C"}"#
        let placed = try await session.send("POST /orders", order, token: token, as: admin, key: "one")
        #expect(placed.string("placed_by") == admin.description, "\(placed.text)")
        #expect(placed.string("customer_id") != admin.description)
        let path = "/orders/\(placed.string("id"))"
        try await session.send("POST /orders/{id}/cancel", to: path + "/cancel", token: token, as: admin)

        let second = try await session.send("POST /orders", order, token: token, as: admin, key: "two")
        let id = try #require(OrderID(second.string("id")))
        try await session.send(
            "PUT /orders/{id}/shipping-address", to: "/orders/\(id)/shipping-address",
            #"{"name":"Ann","line1":"High Street 1","city":"Hull","country":"GB"}"#, token: token, as: admin)
        _ = try await session.fixture.shop.shards.execute(on: id.slot, at: ShopFixture.now()) {
            batch throws(Order.Refusal) in
            try batch.decide(Order.self, id, .fulfill)
        }.get()
        for step in ["ship", "deliver", "refund"] {
            try await session.send("POST /orders/{id}/\(step)", to: "/orders/\(id)/\(step)", token: token, as: admin)
        }
    }

    private static func comeAndGo(_ session: Session, _ token: String, _ admin: CustomerID) async throws {
        let registered = try await session.send("POST /auth/register", AccountRouteTests.form, as: nil)
        let id = try #require(CustomerID(registered.string("id")))
        try await session.send(
            "POST /accounts/{id}/role", to: "/accounts/\(id)/role", #"{"role":"staff"}"#, token: token, as: admin)
        let first = try await session.send("POST /auth/login", AccountRouteTests.login, as: id).string("access_token")
        _ = try await session.send("POST /auth/login", AccountRouteTests.login, as: id)
        let list = try await session.fixture.send(.get, "/auth/sessions", token: first)
        let other = try #require(list.data.first { $0["current"] as? Bool == false }?["id"] as? String)
        try await session.send(
            "DELETE /auth/sessions/{id}", to: "/auth/sessions/\(other)", token: first, as: id)
        try await session.send("POST /auth/password", AccountRouteTests.newPassword, token: first, as: id)
        let guest = try await session.fixture.send(.post, "/auth/guest").string("access_token")
        _ = try await session.fixture.send(.post, "/cart/items", #"{"sku":"A","quantity":1}"#, token: guest)
        try await session.send("POST /cart/merge", #"{"guest_token":"\#(guest)"}"#, token: first, as: id)
        try await session.send("POST /auth/logout", token: first, as: id)
        _ = try await session.fixture.send(
            .post, "/auth/login", AccountRouteTests.login.replacing("horse", with: "mouse"))
        try await session.send(
            "DELETE /accounts/{id}/log-in-failures", to: "/accounts/\(id)/log-in-failures", token: token, as: admin)
        let newLogIn = AccountRouteTests.login.replacing("correct horse battery", with: "a staple of batteries")
        let last = try await session.fixture.send(.post, "/auth/login", newLogIn)
        try await session.send(
            "POST /auth/erasure", #"{"password":"a staple of batteries"}"#,
            token: last.string("access_token"), as: id)
    }

    @Test("the feed says who asked, and of what the shop does by itself that nobody did")
    func feed() async throws {
        try await ShopFixture.run { fixture in
            let staff = CustomerID(at: ShopFixture.now(), slot: Slot(7), random: 1 << 40)
            let token = try await fixture.token(.staff, subject: staff)
            _ = try await fixture.send(.post, "/products", ProductRouteTests.form("A"), token: token)
            _ = try await fixture.shop.shards.execute(on: Slot(hashing: "A"), at: ShopFixture.now()) {
                batch throws(Stock.Refusal) in
                try batch.decide(Stock.self, SKU("A")!, .receive(1, reference: nil))
            }.get()
            let events = try await EventRouteTests.listen(fixture, "?after=0", token: token) { events, _ in
                Set(events.map(\.type)).isSuperset(of: ["ProductCreated", "StockReceived"])
            }
            for event in events {
                let expected = event.type == "ProductCreated" ? staff.description : nil
                #expect(event.json["actor"] as? String == expected, "\(event.type)")
            }
        }
    }
}
