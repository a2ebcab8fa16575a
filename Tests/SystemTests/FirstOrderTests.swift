import Foundation
import Testing

extension SystemTests {
    @Suite("A first order", .timeLimit(patience)) struct FirstOrderTests {
        @Test("is placed, paid, fulfilled, and there after a clean stop, with nothing to replay", arguments: [1, 4])
        func endToEnd(shards: Int) async throws {
            try await LocalShop.with(shards: shards) { shop in
                let placed = try await shop.order(key: "first")
                try #require(placed.status == 201, "\(placed)")
                let id = try #require(try placed.json["id"].string)
                #expect(placed.headers.first(name: "Location") == "/api/v1/orders/\(id)")
                #expect(try placed.json["status"] == .string("PAID"))
                #expect(try placed.json["total"]["amount"] == .integer(1_449))
                #expect(try placed.json["payment"]["status"] == .string("PAID"))
                let again = try await shop.order(key: "first")
                #expect(again.status == 201)
                #expect(again.text == placed.text)
                #expect(again.headers.first(name: "Idempotent-Replayed") == "true")
                _ = try await shop.wait("/orders/\(id)") { $0["status"] == .string("FULFILLED") }

                // The stock may live on another shard, and follows a moment later.
                let stock = try await shop.wait("/inventory/TEA") { $0["reserved"] == .integer(0) }
                #expect(stock["on_hand"] == .integer(99_999))
                #expect(try await shop.ledgerSummary()["charges"] == .integer(1))

                try await shop.stopAtRest()
                try await shop.startNode()
                let log = try #require(try await shop.node?.complained)
                #expect(log.contains(#""records_replayed":"0""#), "\(log.prefix(2_000))")
                #expect(try await shop.send(.GET, "/orders/\(id)").json["status"] == .string("FULFILLED"))
                #expect(try await shop.stopNode() == 0)
                let verified = try await shop.verify()
                #expect(verified["ok"] == .boolean(true))
                #expect(verified["orders"] == .integer(1))
                #expect(verified["charges"] == .integer(1))
            }
        }
    }
}
