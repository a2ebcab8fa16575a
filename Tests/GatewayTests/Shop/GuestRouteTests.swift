import Commerce
import EventSourcing
import HTTPTypes
import Testing

@testable import Gateway

@Suite("Guests over HTTP", .timeLimit(.minutes(10)))
struct GuestRouteTests {
    static let order = #"{"items":[{"sku":"A","quantity":1}],"email":"Ann@Example.org","clear_cart":true}"#

    static func token(_ fixture: ShopFixture) async throws -> String {
        let reply = try await fixture.send(.post, "/auth/guest")
        #expect(reply.status == 200 && reply.json["expires_in"] as? Int == 604_800, "\(reply.text)")
        return reply.string("access_token")
    }

    @Test("a guest keeps a cart, orders, reads and cancels the order, and no other guest sees it", arguments: [1, 3])
    func purchase(shards: Int) async throws {
        try await ShopFixture.run(shards: shards) { fixture in
            try await OrderRouteTests.stock(fixture, "A", units: 4)
            let (token, other) = (try await Self.token(fixture), try await Self.token(fixture))
            let added = try await fixture.send(.post, "/cart/items", #"{"sku":"A","quantity":2}"#, token: token)
            #expect(added.status == 200, "\(added.text)")
            let empty = try await fixture.send(.get, "/cart", token: other)
            #expect(empty.text.hasPrefix(#"{"items":[]"#), "\(empty.text)")
            let placed = try await OrderRouteTests.place(fixture, Self.order, token: token)
            #expect(placed.status == 201 && placed.string("email") == "ann@example.org", "\(placed.text)")
            #expect(try await fixture.send(.get, "/cart", token: token).text.contains(#""quantity":1"#))
            let path = "/orders/\(placed.string("id"))"
            #expect(try await fixture.send(.get, path, token: token).string("email") == "ann@example.org")
            #expect(try await fixture.send(.get, "/orders", token: token).data.count == 1)
            #expect(try await fixture.send(.get, "/orders", token: other).data.isEmpty)
            #expect(try await fixture.send(.get, path, token: other).status == 404)
            #expect(try await fixture.send(.post, path + "/cancel", token: other).status == 404)
            let cancelled = try await fixture.send(.post, path + "/cancel", token: token)
            #expect(cancelled.status == 200 && cancelled.string("status") == "CANCELLED", "\(cancelled.text)")
        }
    }

    @Test("a guest says where the shop reaches them, and no other caller does")
    func address() async throws {
        try await ShopFixture.run { fixture in
            try await OrderRouteTests.stock(fixture, "A", units: 4)
            let guest = try await Self.token(fixture)
            for body in [#"{"items":[{"sku":"A","quantity":1}]}"#, Self.order.replacing("Ann@", with: "")] {
                let refused = try await OrderRouteTests.place(fixture, body, token: guest)
                #expect(refused.status == 422 && refused.text.contains(#""pointer":"/email""#), "\(refused.text)")
            }
            let customer = try await fixture.token(.customer)
            #expect(try await OrderRouteTests.place(fixture, Self.order, token: customer).status == 422)
        }
    }

    @Test("a guest's cart is marked as one in the log, so that it ends with the guest")
    func cart() async throws {
        try await ShopFixture.run { fixture in
            try await OrderRouteTests.stock(fixture, "A", units: 4)
            let guest = try await fixture.send(.post, "/auth/guest")
            let id = try #require(CustomerID(guest.string("customer_id")))
            let token = guest.string("access_token")
            let tag = try #require(try await fixture.send(.get, "/cart", token: token).headers[.eTag])
            let reply = try await fixture.send(
                .put, "/cart/items/A", #"{"quantity":2}"#, token: token, headers: [.ifMatch: tag])
            #expect(reply.status == 200, "\(reply.text)")
            #expect(try await fixture.shop.shards.read(Cart.self, id).state.isGuests)
        }
    }

    @Test("a guest's cart beyond what is in stock says what a customer's says: stock is asked when the order is placed")
    func beyondStock() async throws {
        try await ShopFixture.run { fixture in
            try await OrderRouteTests.stock(fixture, "A", units: 4)
            var carts: [String] = []
            for token in [try await Self.token(fixture), try await fixture.token(.customer)] {
                let cart = try await fixture.send(.put, "/cart/items/A", #"{"quantity":5}"#, token: token).text
                // A guest's cart has one event more, which says whose it is.
                carts.append(cart.replacing(/"version":\d+/, with: ""))
            }
            #expect(carts[0] == carts[1] && carts[0].contains(#""orderable":true"#), "\(carts)")
        }
    }

    @Test("new guests are counted for their address, and so is what guests do, whichever of them does it")
    func limits() async throws {
        try await ShopFixture.run(configure: {
            $0.rateLimits.isEnabled = true
            $0.rateLimits.guests = RatePolicy(name: "guests", quota: 2, window: .seconds(3_600), counted: "new guests")
            $0.rateLimits.anonymous = RatePolicy(name: "anonymous", quota: 4, window: .seconds(3_600))
        }) { fixture in
            let tokens = [try await Self.token(fixture), try await Self.token(fixture)]
            #expect(try await fixture.send(.post, "/auth/guest").status == 429)
            // Each token is charged once more for its signature.
            for token in tokens { #expect(try await fixture.send(.get, "/cart", token: token).status == 200) }
            #expect(try await fixture.send(.get, "/cart", token: tokens[0]).status == 429)
        }
    }
}
