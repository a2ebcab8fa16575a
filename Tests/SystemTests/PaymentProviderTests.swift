import Foundation
import Testing

extension SystemTests {
    /// How a node finds the provider of its payments, and proves itself there.
    @Suite("The payment provider of a node", .timeLimit(patience)) struct PaymentProviderTests {
        @Test("is named, or the node does not start; one inside the node is told in the log and in the metrics")
        func named() async throws {
            try await withFolder { folder in
                let serve = ["serve", "--data-dir", folder.appending(path: "node").path, "--http", "127.0.0.1:0"]
                let nameless = try ChildProcess("cloudretail", serve, in: folder)
                #expect(try await nameless.exit() != 0)
                #expect(try nameless.complained.contains("--payment in-process"))
                #expect(try nameless.complained.contains("--payment-url"))
                #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "node").path))

                let both = ["--payment", "in-process", "--payment-url", "http://shop:hunter2@127.0.0.1:1"]
                let torn = try ChildProcess("cloudretail", serve + both, in: folder)
                #expect(try await torn.exit() != 0)
                #expect(try !torn.complained.contains("hunter2"))

                let inside = ["--payment", "in-process", "--metrics", "127.0.0.1:0"]
                let node = try ChildProcess("cloudretail", serve + inside, in: folder)
                let gateway = try await node.line(after: "listening on ")
                let metrics = try await Answer.of(.GET, "\(try await node.line(after: "metrics on "))/metrics").text
                // They tell of a shop's trade, which is not for everyone.
                #expect(try await Answer.of(.GET, "\(gateway)/metrics").status == 404)
                #expect(metrics.contains(#"payment_provider_info{provider="in-process"} 1"#))
                let warnings = try node.complained.split(separator: "\n").filter { $0.contains(#""warning""#) }
                #expect(warnings.contains { $0.contains("no customer is charged") })
                node.terminate()
                #expect(try await node.exit() == 0)
            }
        }

        @Test("hears of an address with a password nowhere, whatever is wrong with it")
        func secretAddress() async throws {
            try await withFolder { folder in
                for url in ["http://shop:hunter2@127.0.0.1:1", "ftp://shop:hunter2@host", "http://h?key=hunter2"] {
                    let node = try ChildProcess(
                        "cloudretail",
                        [
                            "serve", "--data-dir", folder.appending(path: "node").path, "--http", "127.0.0.1:0",
                            "--payment-url", url, "--log-level", "trace",
                        ], in: folder)
                    #expect(try await node.exit() != 0)
                    let text = try node.complained + node.said
                    #expect(text.contains("address of the payment provider") && !text.contains("hunter2"), "\(text)")
                }
            }
        }

        @Test("knows the shop by a key from a file that the owner alone may read, and the key is printed nowhere")
        func key() async throws {
            try await LocalShop.with { shop in
                let charged = try await shop.order(key: "with-key")
                #expect(charged.status == 201)
                // The ledger shows whose order it was.
                let charge = try #require(try await shop.ledger()["charges"].elements.first)
                #expect(charge["customer_id"].string == (try charged.json["customer_id"].string))

                #expect(try await shop.stopNode() == 0)
                try shop.secret("another-key", in: shop.paymentKeyFile)
                try await shop.startNode()
                let refused = try await shop.order(key: "with-another-key")
                #expect(refused.status == 503)
                #expect(try await shop.ledgerSummary()["charges"].integer == 1)
                let node = try #require(await shop.node)
                #expect(try node.complained.contains("does not take the shop's key"))
                #expect(try !node.complained.contains("another-key"))

                #expect(try await shop.stopNode() == 0)
                try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: shop.paymentKeyFile)
                await #expect(throws: ChildProcess.EndedEarly.self) { try await shop.startNode() }
            }
        }

        @Test("declines a method of another customer, and takes those that belong to all")
        func ownership() async throws {
            try await LocalShop.with { shop in
                let plain = try await shop.order(key: "plain", paymentMethod: "pm_card_visa")
                #expect(plain.status == 201)
                let customer = try #require(try plain.json["customer_id"].string)
                #expect(try await shop.order(key: "own", paymentMethod: "pm_\(customer)_1").status == 201)
                let strange = try await shop.order(key: "strange", paymentMethod: "pm_cus_01M83J39EGFXD8MPTHB1EDESAJ_1")
                #expect(strange.status == 402)
                #expect(try strange.json["decline_code"].string == "payment_method_not_owned")
                for malformed in ["pm card", "pm/../card", "pm_€", "", String(repeating: "p", count: 65)] {
                    let key = "malformed-\(malformed.utf8.count)"
                    let answer = try await shop.order(key: key, paymentMethod: malformed)
                    #expect(answer.status == 422, "\(malformed)")
                    #expect(try answer.json["errors"].elements.first?["pointer"].string == "/payment_method")
                }
                #expect(try await shop.ledgerSummary()["charges"].integer == 2)
            }
        }

        private func withFolder(_ body: (URL) async throws -> Void) async throws {
            let folder = FileManager.default.temporaryDirectory.appending(path: "provider-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            try await body(folder)
        }
    }
}
