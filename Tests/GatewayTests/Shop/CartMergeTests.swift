import Commerce
import EventSourcing
import HTTPTypes
import Testing

@testable import Gateway

@Suite("A guest who logs in", .timeLimit(.minutes(10)))
struct CartMergeTests {
    @Test("brings the cart along, once", arguments: [1, 3])
    func merge(shards: Int) async throws {
        try await ShopFixture.run(shards: shards) { fixture in
            for sku in ["A", "B"] { try await OrderRouteTests.stock(fixture, sku, units: 4) }
            let guest = try await GuestRouteTests.token(fixture)
            let customer = try await fixture.token(.customer)
            for (sku, quantity) in [("A", 2), ("B", 3)] {
                _ = try await fixture.send(.put, "/cart/items/\(sku)", #"{"quantity":\#(quantity)}"#, token: guest)
            }
            _ = try await fixture.send(.put, "/cart/items/A", #"{"quantity":999999}"#, token: customer)
            let body = #"{"guest_token":"\#(guest)"}"#
            var replies: [Reply] = []
            for _ in 0..<2 { replies.append(try await fixture.send(.post, "/cart/merge", body, token: customer)) }
            for (reply, replayed) in zip(replies, [nil, "true"]) {
                #expect(reply.status == 200 && reply.headers[.idempotentReplayed] == replayed, "\(reply.text)")
                #expect(reply.text.hasSuffix(#""cut":[{"sku":"A","wanted":1000001,"quantity":1000000}]}"#))
            }
            let cart = try await fixture.send(.get, "/cart", token: customer)
            let items = cart.json["items"] as? [[String: Any]] ?? []
            #expect(items.map { $0["quantity"] as? Int } == [1_000_000, 3], "\(cart.text)")

            let other = try await fixture.token(.customer)
            #expect(try await fixture.send(.post, "/cart/merge", body, token: other).status == 409)
            let late = try await fixture.send(.put, "/cart/items/A", #"{"quantity":1}"#, token: guest)
            #expect(late.status == 409 && late.code == "conflict", "\(late.text)")
        }
    }

    @Test("proves it with a guest's token, and no other will do")
    func tokens() async throws {
        try await ShopFixture.run { fixture in
            let customer = try await fixture.token(.customer)
            for token in ["x", customer, try await fixture.token(.admin)] {
                let reply = try await fixture.send(
                    .post, "/cart/merge", #"{"guest_token":"\#(token)"}"#, token: customer)
                #expect(reply.status == 422 && reply.text.contains("/guest_token"), "\(reply.text)")
            }
            let guest = try await GuestRouteTests.token(fixture)
            #expect(
                try await fixture.send(.post, "/cart/merge", #"{"guest_token":"\#(guest)"}"#, token: guest).status
                    == 403)
        }
    }

    @Test("sees none of the orders that were placed under the account's address: no address is verified")
    func orders() async throws {
        try await ShopFixture.run { fixture in
            try await OrderRouteTests.stock(fixture, "A", units: 4)
            let guest = try await GuestRouteTests.token(fixture)
            let placed = try await OrderRouteTests.place(fixture, GuestRouteTests.order, token: guest)
            _ = try await fixture.send(.post, "/auth/register", AccountRouteTests.form)
            let token = try await fixture.send(.post, "/auth/login", AccountRouteTests.login).string("access_token")
            _ = try await fixture.send(.post, "/cart/merge", #"{"guest_token":"\#(guest)"}"#, token: token)
            #expect(try await fixture.send(.get, "/orders", token: token).data.isEmpty)
            #expect(try await fixture.send(.get, "/orders/\(placed.string("id"))", token: token).status == 404)
            #expect(try await fixture.send(.get, "/orders/\(placed.string("id"))", token: guest).status == 200)
        }
    }
}
