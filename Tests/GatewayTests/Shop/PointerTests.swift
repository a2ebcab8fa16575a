import Foundation
import HTTPTypes
import Testing

@testable import Gateway

@Suite("Errors name the request's own fields", .timeLimit(.minutes(10)))
struct PointerTests {
    private static func pointers(_ problem: [String: Any]) -> [String] {
        (problem["errors"] as? [[String: Any]] ?? []).compactMap { $0["pointer"] as? String }
    }

    @Test("stock, prices and products")
    func single() async throws {
        try await ShopFixture.run { fixture in
            let staff = try await fixture.token(.staff)
            let two =
                #"{"title":"T","variants":[{"sku":"A","price":{"amount":1,"currency":"GBP"}},"#
                + #"{"sku":"B","price":{"amount":1,"currency":"GBP"}}]}"#
            let id = try await fixture.send(.post, "/products", two, token: staff).string("id")
            _ = try await fixture.send(.post, "/inventory/A/receive", #"{"quantity":5}"#, token: staff)
            _ = try await fixture.send(.post, "/inventory/B/receive", #"{"quantity":999999999999}"#, token: staff)
            let cases: [(HTTPRequest.Method, String, String, String)] = [
                (.post, "/inventory/A/adjust", #"{"delta":0,"reason":"count"}"#, "/delta"),
                (.post, "/inventory/A/adjust", #"{"delta":1}"#, "/reason"),
                (.post, "/inventory/A/receive", #"{"quantity":0}"#, "/quantity"),
                (.post, "/inventory/B/receive", #"{"quantity":999999999999}"#, "/quantity"),
                (.post, "/inventory/B/adjust", #"{"delta":999999999999,"reason":"count"}"#, "/delta"),
                (.put, "/inventory/A", #"{"on_hand":-1,"expected":5,"reason":"count"}"#, "/on_hand"),
                (.put, "/products/\(id)/prices/A", #"{"amount":1,"currency":"EUR"}"#, "/currency"),
                (.put, "/products/\(id)/prices/A", #"{"amount":-1,"currency":"GBP"}"#, "/amount"),
                (
                    .put, "/products/\(id)",
                    two.replacing(
                        #""sku":"B","price":{"amount":1,"currency":"GBP""#,
                        with: #""sku":"B","price":{"amount":1,"currency":"EUR""#),
                    "/variants/1/price/currency"
                ),
            ]
            for (method, path, body, pointer) in cases {
                let reply = try await fixture.send(method, path, body, token: staff)
                #expect(reply.status == 422 && Self.pointers(reply.json) == [pointer], "\(path) \(body): \(reply.text)")
            }
        }
    }

    @Test("elements of a batch are named from the top of the body")
    func batches() async throws {
        try await ShopFixture.run { fixture in
            let staff = try await fixture.token(.staff)
            let good = ProductRouteTests.form("A")
            let mixed =
                #"{"title":"T","variants":[{"sku":"C","price":{"amount":1,"currency":"GBP"}},"#
                + #"{"sku":"D","price":{"amount":1,"currency":"EUR"}}]}"#
            let products = try await fixture.send(
                .post, "/products/batch", #"{"products":[\#(good),{"variants":[]},\#(mixed)]}"#, token: staff)
            let results = products.json["results"] as? [[String: Any]] ?? []
            #expect(results.map { $0["status"] as? Int } == [201, 422, 422], "\(products.text)")
            #expect(
                results.map { Self.pointers($0["problem"] as? [String: Any] ?? [:]) } == [
                    [], ["/products/1/title", "/products/1/variants"], ["/products/2/variants/1/price/currency"]
                ], "\(products.text)")
            _ = try await fixture.send(.post, "/inventory/A/receive", #"{"quantity":999999999999}"#, token: staff)
            let receipts = try await fixture.send(
                .post, "/inventory/batch",
                #"{"receipts":[{"sku":"X","quantity":1},{"sku":"A","quantity":999999999999}]}"#, token: staff)
            let second = (receipts.json["results"] as? [[String: Any]])?.last?["problem"] as? [String: Any] ?? [:]
            #expect(Self.pointers(second) == ["/receipts/1/quantity"], "\(receipts.text)")
            let malformed = try await fixture.send(
                .post, "/inventory/batch", #"{"receipts":[{"sku":"A"},{"sku":"A","quantity":1},7]}"#, token: staff)
            let malformedResults = malformed.json["results"] as? [[String: Any]] ?? []
            #expect(malformedResults.map { $0["status"] as? Int } == [422, 200, 422], "\(malformed.text)")
            #expect(
                malformedResults.map { Self.pointers($0["problem"] as? [String: Any] ?? [:]) } == [
                    ["/receipts/0/quantity"], [], ["/receipts/2"]
                ], "\(malformed.text)")
            let third = malformedResults.last?["problem"] as? [String: Any]
            #expect(third?["detail"] as? String == "/receipts/2 must be an object.")
            let list = try await fixture.send(.post, "/inventory/batch", "[]", token: staff)
            #expect(list.json["detail"] as? String == "The body must be an object.", "\(list.text)")
            let whole = try await fixture.send(.post, "/inventory/batch", #"{"receipts":[],"a":1}"#, token: staff)
            #expect(whole.status == 422 && Self.pointers(whole.json) == ["/a"], "\(whole.text)")
        }
    }
}
