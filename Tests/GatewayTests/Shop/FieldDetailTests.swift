import Foundation
import HTTPTypes
import Testing

@testable import Gateway

@Suite("What is said of a field that is refused", .timeLimit(.minutes(10)))
struct FieldDetailTests {
    private static let product = #"{"title":"T","variants":[{"sku":"a/b","price":{"amount":1,"currency":"EUX"}}]}"#
    private static let category =
        #"{"title":"T","category":"a//b","variants":[{"sku":"a","price":{"amount":1,"currency":"EUR"}}]}"#

    /// A request with a field of a form of its own, and what its refusal says of that form.
    private static let cases: [(HTTPRequest.Method, String, String?, says: [String])] = [
        (.get, "/products?sku=a%2Fb", nil, ["1 to 64", "ASCII"]),
        (.post, "/inventory/A/receive", #"{"quantity":1,"reference":7}"#, ["a string"]),
        (.post, "/cart/items", #"{"sku":"a'b","quantity":1}"#, ["1 to 64", "ASCII"]),
        (.post, "/orders", #"{"items":[{"sku":" a","quantity":1}]}"#, ["1 to 64", "ASCII"]),
        (.post, "/products", product, ["1 to 64", "ASCII", "such as EUR"]),
        (.get, "/products?currency=euro", nil, ["such as EUR"]),
        (.get, "/orders?customer_id=4711", nil, ["cus_", "26"]),
        (.post, "/orders", #"{"items":[{"sku":"a","quantity":1}],"customer_id":"4711"}"#, ["cus_", "26"]),
        (.get, "/orders?status=open", nil, ["PLACED", "REFUNDED"]),
        (.get, "/accounts?email=ann", nil, ["such as ann@example.com", "254"]),
        (.post, "/inventory/A/adjust", #"{"delta":1,"reason":"flood"}"#, ["count", "supplier_return", "other"]),
        (.get, "/inventory/A/movements?cursor=last", nil, ["next_cursor"]),
        (.get, "/inventory/A?at=yesterday", nil, ["such as 2026-"]),
        (.get, "/statistics/orders?from=yesterday", nil, ["such as 2026-"]),
        (.get, "/events?types=Ordered", nil, ["such as OrderPlaced"]),
        (.get, "/events?after=x", nil, ["as the stream gave it"]),
        (.post, "/products", category, ["slash"]),
    ]

    @Test("says the form that is wanted", arguments: cases.indices)
    func forms(index: Int) async throws {
        let (method, path, body, says) = Self.cases[index]
        try await ShopFixture.run(shards: 1) { fixture in
            let staff = try await fixture.token(.staff)
            let key: HTTPFields = [HTTPField.Name("Idempotency-Key")!: "1"]
            let reply = try await fixture.send(method, path, body, token: staff, headers: method == .post ? key : [:])
            let errors = reply.json["errors"] as? [[String: Any]] ?? []
            let details = errors.compactMap { $0["detail"] as? String }.joined(separator: "; ")
            #expect(reply.status == 422 && says.allSatisfy(details.contains), "\(path): \(reply.text)")
        }
    }
}
