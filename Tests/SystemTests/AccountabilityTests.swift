import Foundation
import Testing

extension SystemTests {
    @Suite("Who did what", .timeLimit(patience)) struct AccountabilityTests {
        @Test("is printed from the log, and what has ended stays ended through a restart")
        func logAndRestart() async throws {
            try await LocalShop.with(shards: 2) { shop in
                let admin = try #require(try await shop.send(.GET, "/auth/me").json["id"].string)
                _ = try await shop.send(
                    .POST, "/inventory/TEA/adjust", body: #"{"delta":-1,"reason":"damage"}"#)
                let form = #"{"email":"bob@example.org","password":"a hat full of keys"}"#
                let bob = try #require(
                    try await shop.send(.POST, "/auth/register", body: form).json["id"].string)
                let login = try await shop.send(.POST, "/auth/login", body: form)
                let wrong = try await shop.send(
                    .POST, "/auth/login", body: form.replacing("keys", with: "bees"))
                #expect(login.status == 200 && wrong.status == 401)
                let token = try #require(try login.json["access_token"].string)
                #expect(try await shop.send(.POST, "/auth/logout", token: token).status == 204)

                #expect(try await shop.stopNode() == 0)
                try await shop.startNode()
                #expect(try await shop.send(.GET, "/auth/me", token: token).status == 401)
                #expect(try await shop.send(.GET, "/auth/me").status == 200)
                #expect(try await shop.stopNode() == 0)

                let all = try await shop.log()
                #expect(all.contains { $0.contains(bob) && $0.contains("  LogInFailed {") })
                #expect(all.contains { $0.contains(bob) && $0.contains("  SessionOpened {") })
                let lines = try await shop.log("--actor", admin)
                #expect(lines.contains { $0.contains("stock TEA") && $0.contains("  StockAdjusted {\"sku\":\"TEA") })
                #expect(lines.allSatisfy { $0.contains(" by \(admin) ") } && lines.count < all.count)
                let own = try await shop.log("--actor", bob)
                #expect(own.contains { $0.contains("logged_out") } && !own.contains { $0.contains("StockAdjusted") })

                // What stays inside has a name of the same form; no line is a dump of our values.
                let events = try await shop.log("--json").flatMap { try JSON(String($0))["events"].elements }
                let types = Set(try events.map { try #require($0["type"].string) })
                #expect(types.isSuperset(of: ["StockAdjusted", "EmailAddressClaimed", "IdempotencyKeyClaimed"]))
                #expect(types.allSatisfy { $0.wholeMatch(of: /[A-Z][A-Za-z]+/) != nil }, "\(types)")
                #expect(!all.contains { $0.contains("Commerce.") || $0.contains("rawValue") })
            }
        }
    }
}

extension LocalShop {
    /// The lines of the stopped node's log.
    fileprivate func log(_ options: String...) async throws -> [Substring] {
        try await ChildProcess.run("cloudretail", ["log", "--data-dir", dataDirectory] + options, in: folder)
            .split(separator: "\n")
    }
}
