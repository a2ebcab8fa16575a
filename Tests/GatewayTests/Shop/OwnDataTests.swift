import ActorSystem
import Commerce
import EventSourcing
import HTTPTypes
import Schema
import Testing

@testable import Gateway

@Suite("One's own data over HTTP", .timeLimit(.minutes(10)))
struct OwnDataTests {
    private static let order = #"""
        {"items":[{"sku":"A","quantity":1}],"payment_method":null,
        "shipping_address":{"name":"Ann Lee","line1":"1 Secret Row","city":"York","country":"GB"}}
        """#
    private static let erasure = #"{"password":"correct horse battery"}"#

    private static func logIn(_ fixture: ShopFixture) async throws -> String {
        let login = try await fixture.send(.post, "/auth/login", AccountRouteTests.login)
        #expect(login.status == 200, "\(login.text)")
        return login.string("access_token")
    }

    /// An account with a cart and an order, at its log-in.
    private static func open(_ fixture: ShopFixture) async throws -> (token: String, order: String) {
        try await OrderRouteTests.stock(fixture, "A", units: 9)
        _ = try await fixture.send(.post, "/auth/register", AccountRouteTests.form)
        let token = try await logIn(fixture)
        _ = try await fixture.send(.put, "/cart/items/A", #"{"quantity":2}"#, token: token)
        let placed = try await OrderRouteTests.place(fixture, order, token: token)
        #expect(placed.status == 201, "\(placed.text)")
        return (token, placed.string("id"))
    }

    @Test("an export has the account, its sessions, cart and orders, and what it asked for", arguments: [1, 3])
    func export(shards: Int) async throws {
        try await ShopFixture.run(shards: shards) { fixture in
            let (token, order) = try await Self.open(fixture)
            let export = try await fixture.send(.get, "/auth/me/export", token: token)
            #expect(export.status == 200, "\(export.text)")
            #expect((export.json["account"] as? [String: Any])?["email"] as? String == "ann@example.org")
            #expect((export.json["sessions"] as? [[String: Any]])?.first?["current"] as? Bool == true)
            #expect(export.text.contains(#""cart":{"items":[{"sku":"A""#), "\(export.text)")
            let orders = export.json["orders"] as? [[String: Any]] ?? []
            #expect(orders.map { $0["id"] as? String } == [order] && export.text.contains("1 Secret Row"))
            #expect(((orders.first?["payment"] as? [String: Any])?["status"] as? String) == "PAID")
            let changes = export.json["changes"] as? [[String: Any]] ?? []
            let names = Set(changes.compactMap { $0["event"] as? String })
            #expect(names.isSuperset(of: ["AccountRegistered", "SessionOpened", "CartItemSet", "OrderReceived"]))
            #expect(export.json["changes_complete"] as? Bool == true)
            let other = try await fixture.send(.get, "/auth/me/export", token: fixture.token(.customer))
            #expect(other.status == 401, "an id without an account: \(other.text)")
        }
    }

    @Test("an erasure leaves nothing personal, ends the sessions and frees the address", arguments: [1, 3])
    func erase(shards: Int) async throws {
        try await ShopFixture.run(shards: shards) { fixture in
            let (token, order) = try await Self.open(fixture)
            let second = try await Self.logIn(fixture)
            let wrong = try await fixture.send(
                .post, "/auth/erasure", Self.erasure.replacing("correct", with: "wrong"), token: token)
            #expect(wrong.status == 403, "\(wrong.text)")
            let early = try await fixture.send(.post, "/auth/erasure", Self.erasure, token: token)
            #expect(early.status == 409 && early.text.contains(order), "\(early.text)")
            _ = try await fixture.send(.post, "/orders/\(order)/cancel", token: token)
            let me = try await fixture.send(.get, "/auth/me", token: token).string("id")
            let erased = try await fixture.send(.post, "/auth/erasure", Self.erasure, token: token)
            #expect(erased.status == 204, "\(erased.text)")

            for token in [token, second] { #expect(try await fixture.send(.get, "/cart", token: token).status == 401) }
            #expect(try await fixture.send(.post, "/auth/login", AccountRouteTests.login).status == 401)
            let staff = try await fixture.token(.staff)
            #expect(try await fixture.send(.get, "/accounts/\(me)", token: staff).status == 404)
            #expect(try await fixture.send(.get, "/accounts?email=ann@example.org", token: staff).data.isEmpty)
            let kept = try await fixture.send(.get, "/orders/\(order)", token: staff)
            #expect(kept.string("status") == "CANCELLED" && kept.string("customer_id") == me, "\(kept.text)")
            #expect(!kept.text.contains("Secret") && (kept.json["items"] as? [Any])?.count == 1)

            let id = try #require(CustomerID(me))
            let again = try await fixture.send(.post, "/auth/register", AccountRouteTests.form)
            #expect(again.status == 201 && again.string("id") != me, "\(again.text)")
            #expect(try await fixture.shop.shards.read(LogIns.self, id).state.origins.isEmpty)
            #expect(try await fixture.shop.shards.read(Cart.self, id).state.lines.isEmpty)
            let new = try await Self.logIn(fixture)
            #expect(try await fixture.send(.get, "/orders", token: new).data.isEmpty)
        }
    }

    @Test("an erasure that was broken off is asked for again")
    func brokenOff() async throws {
        try await ShopFixture.run { fixture in
            let (token, order) = try await Self.open(fixture)
            _ = try await fixture.send(.post, "/orders/\(order)/cancel", token: token)
            let id = try #require(OrderID(order))
            let me = try #require(CustomerID(try await fixture.send(.get, "/auth/me", token: token).string("id")))
            _ = try await fixture.shop.shards.execute(on: id.slot, at: ShopFixture.now()) {
                batch throws(Order.Refusal) in
                try batch.decide(Order.self, id, .erasePersonalData)
            }.get()
            #expect(try await fixture.send(.post, "/auth/erasure", Self.erasure, token: token).status == 204)
            #expect(try await fixture.shop.shards.read(Account.self, me).state.isErased)
        }
    }

    @Test("an administrator is not erased")
    func administrator() async throws {
        try await ShopFixture.run { fixture in
            _ = try await fixture.send(.post, "/auth/register", AccountRouteTests.form)
            let me = try await fixture.send(.get, "/auth/me", token: Self.logIn(fixture)).string("id")
            _ = try await fixture.send(
                .post, "/accounts/\(me)/role", #"{"role":"admin"}"#, token: fixture.token(.admin))
            let refused = try await fixture.send(
                .post, "/auth/erasure", Self.erasure, token: Self.logIn(fixture))
            #expect(refused.status == 403, "\(refused.text)")
        }
    }
}
