import Commerce
import EventSourcing
import Foundation
import HTTPTypes
import Testing

@testable import Gateway

@Suite("The cart over HTTP", .timeLimit(.minutes(10)))
struct CartRouteTests {
    @Test("a cart holds what was put in, at today's prices")
    func fill() async throws {
        try await ShopFixture.run { fixture in
            let staff = try await fixture.token(.staff)
            let customer = try await fixture.token(.customer)
            _ = try await fixture.send(.post, "/products", ProductRouteTests.form("A", price: 100), token: staff)
            let b = try await fixture.send(.post, "/products", ProductRouteTests.form("B C", price: 7), token: staff)
                .string("id")
            let empty = try await fixture.send(.get, "/cart", token: customer)
            #expect(
                empty.status == 200 && empty.text.hasPrefix(#"{"items":[],"total":null,"orderable":false"#),
                "\(empty.text)")
            #expect(try await fixture.send(.put, "/cart/items/A", #"{"quantity":2}"#, token: customer).status == 200)
            let added = try await fixture.send(.post, "/cart/items", #"{"sku":"B C","quantity":3}"#, token: customer)
            #expect(added.text.contains(#""total":{"amount":221,"currency":"GBP"},"orderable":true"#), "\(added.text)")
            let tag = try #require(try await fixture.send(.get, "/cart", token: customer).headers[.eTag])
            #expect(added.headers[.eTag] == tag)
            #expect(try await fixture.send(.get, "/cart", token: customer, headers: [.ifNoneMatch: tag]).status == 304)
            _ = try await fixture.send(
                .put, "/products/\(b)/prices/B%20C", #"{"amount":8,"currency":"GBP"}"#, token: staff)
            let dearer = try await fixture.send(.get, "/cart", token: customer, headers: [.ifNoneMatch: tag])
            #expect(dearer.status == 200 && dearer.text.contains(#""total":{"amount":224"#))
            // The price is not the customer's doing: the condition still holds.
            let less = try await fixture.send(
                .put, "/cart/items/A", #"{"quantity":1}"#, token: customer, headers: [.ifMatch: tag])
            #expect(less.status == 200 && less.text.contains(#""amount":124"#), "\(less.text)")
            #expect(try await fixture.send(.delete, "/cart", token: customer, headers: [.ifMatch: tag]).status == 412)
            #expect(
                try await fixture.send(.delete, "/cart/items/B%20C", token: customer).text.contains(#""amount":100"#))
            #expect(try await fixture.send(.delete, "/cart", token: customer).text.hasPrefix(#"{"items":[]"#))
        }
    }

    @Test("what cannot be bought cannot be put in, and what is off sale is told")
    func refused() async throws {
        try await ShopFixture.run { fixture in
            let staff = try await fixture.token(.staff)
            let customer = try await fixture.token(.customer)
            let id = try await fixture.send(.post, "/products", ProductRouteTests.form("A"), token: staff).string("id")
            for (body, status) in [
                (#"{"sku":"X","quantity":1}"#, 422), (#"{"sku":"A","quantity":0}"#, 422),
                (#"{"sku":"A","quantity":-1}"#, 422),
                (#"{"sku":"A","quantity":1000001}"#, 422), (#"{"sku":"A"}"#, 422), ("[]", 422), ("{", 400),
                (#"{"sku":"A","quantity":1000000}"#, 200), (#"{"sku":"A","quantity":1}"#, 422),
            ] {
                #expect(try await fixture.send(.post, "/cart/items", body, token: customer).status == status, "\(body)")
            }
            #expect(try await fixture.send(.put, "/cart/items/X", #"{"quantity":1}"#, token: customer).status == 404)
            #expect(try await fixture.send(.get, "/cart").status == 401)
            _ = try await fixture.send(.post, "/products/\(id)/deactivate", token: staff)
            #expect(
                try await fixture.send(.put, "/cart/items/A", #"{"quantity":3}"#, token: customer).code
                    == "product_not_sold")
            #expect(try await fixture.send(.get, "/cart", token: customer).text.contains(#""orderable":false"#))
        }
    }

    @Test("an addition under a key is made once")
    func idempotent() async throws {
        try await ShopFixture.run { fixture in
            _ = try await fixture.send(.post, "/products", ProductRouteTests.form("A"), token: fixture.token(.staff))
            let customer = try await fixture.token(.customer)
            for _ in 0..<3 {
                let reply = try await fixture.send(
                    .post, "/cart/items", #"{"sku":"A","quantity":2}"#, token: customer,
                    headers: [.idempotencyKey: "add"])
                #expect(reply.status == 200 && reply.text.contains(#""quantity":2"#))
            }
            #expect(try await fixture.send(.get, "/cart", token: customer).text.contains(#""quantity":2"#))
        }
    }
}
