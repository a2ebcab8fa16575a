import AsyncHTTPClient
import Foundation
import Testing

extension SystemTests {
    @Suite("A log that is kept for a second", .timeLimit(patience)) struct RetentionTests {
        @Test("gives up what everybody has seen; the shop goes on, starts again and proves itself")
        func truncated() async throws {
            try await LocalShop.with(serving: ["--log-retention", "age:1s"]) { shop in
                let first = try await shop.order(key: "first")
                let id = try #require(try first.json["id"].string)
                var number = 0
                while try await shop.statusOfEvents(after: "1") != 410 {
                    number += 1
                    #expect(try await shop.order(key: "\(number)").status == 201)
                }
                let sent = try await shop.order(key: "first")
                #expect(try sent.json["id"].string == id && sent.headers.first(name: "Idempotent-Replayed") == "true")
                _ = try await shop.wait("/orders/\(id)") { $0["status"] == .string("FULFILLED") }
                try await shop.stopAtRest()
                #expect(try await shop.firstRecordKept() > 1)
                let verified = try await shop.verify()
                #expect(
                    verified["ok"] == .boolean(true) && verified["orders"] == .integer(Int64(number) + 1), "\(verified)"
                )

                try await shop.startNode()
                #expect(try await shop.order(key: "after").status == 201)
                _ = try await shop.wait("/products?q=tea") { $0["data"].elements.count == 1 }
                _ = try await shop.wait("/orders/\(id)") { $0["status"] == .string("FULFILLED") }
                try await shop.stopAtRest()
                #expect(try await shop.verify()["ok"] == .boolean(true))
            }
        }
    }
}

extension LocalShop {
    /// How a reader of the events is received; the events themselves are not read.
    fileprivate func statusOfEvents(after position: String) async throws -> Int {
        var request = HTTPClientRequest(url: "\(url)/api/v1/events?after=\(position)")
        request.headers.add(name: "Authorization", value: "Bearer \(token)")
        return Int(try await HTTPClient.shared.execute(request, timeout: Answer.timeMax).status.code)
    }

    /// The first record of the stopped node's log.
    fileprivate func firstRecordKept() async throws -> Int64 {
        let log = try await ChildProcess.run("cloudretail", ["log", "--data-dir", dataDirectory, "--json"], in: folder)
        let first = try #require(log.split(separator: "\n").first)
        return try #require(try JSON(String(first))["index"].integer)
    }
}
