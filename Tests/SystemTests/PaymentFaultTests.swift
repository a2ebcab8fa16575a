import Testing

extension SystemTests {
    /// Through the switches of the payment simulator. Whatever fails, no order is charged twice, and none that was
    /// refused is charged at all.
    @Suite("When payments fail", .timeLimit(patience)) struct PaymentFaultTests {
        @Test("a declined card is 402, and its stock goes back")
        func declined() async throws {
            try await LocalShop.withEach(of: [1, 4]) { shop in
                try await shop.setFaults(#"{"decline": true}"#)
                let refused = try await shop.order(key: "declined")
                #expect(refused.status == 402, "\(refused)")
                #expect(try refused.json["code"] == .string("payment_declined"))
                // The same answer again, and no second attempt.
                #expect(try await shop.order(key: "declined").status == 402)
                for sku in ["TEA", "CUP"] {
                    let stock = try await shop.wait("/inventory/\(sku)") { $0["reserved"] == .integer(0) }
                    #expect(stock["on_hand"] == .integer(100_000))
                }
                let summary = try await shop.ledgerSummary()
                #expect(summary["charges"] == .integer(0))
                #expect(summary["declined"] == .integer(1))
                try await Self.verify(shop, charges: 0)
            }
        }

        @Test("an error or a lost answer is made good by asking again under the same key")
        func transient() async throws {
            try await LocalShop.with { shop in
                for (number, fault) in ["error_500", "error_after_charge", "close_before", "close_after_charge"]
                    .enumerated()
                {
                    try await shop.setFaults(#"{"\#(fault)": {"next": 1}}"#)
                    let placed = try await shop.order(key: fault)
                    #expect([201, 202].contains(placed.status), "\(fault): \(placed)")
                    let id = try #require(try placed.json["id"].string)
                    _ = try await shop.wait("/orders/\(id)") { $0["status"] == .string("FULFILLED") }
                    #expect(try await shop.ledgerSummary()["charges"] == .integer(Int64(number) + 1))
                }
                try await Self.verify(shop, charges: 4)
            }
        }

        @Test("a provider that charges and never answers leaves the order open until it is asked")
        func hanging() async throws {
            try await LocalShop.withEach(of: [1, 4]) { shop in
                let open = try await shop.order(key: "hanging", paymentMethod: "pm_hang")
                #expect(open.status == 202, "\(open)")
                let id = try #require(try open.json["id"].string)
                _ = try await shop.wait("/orders/\(id)") { $0["status"] == .string("FULFILLED") }
                let again = try await shop.order(key: "hanging", paymentMethod: "pm_hang")
                #expect(again.status == 202)
                #expect(again.text == open.text)
                try await Self.verify(shop, charges: 1)
            }
        }

        @Test("an open breaker is 503 with Retry-After, and what it refused is never charged")
        func breaker() async throws {
            try await LocalShop.withEach(of: [1, 4]) { shop in
                try await shop.setFaults(#"{"error_500": true}"#)
                var open: [String] = []
                var refusal: Answer?
                while refusal == nil {
                    // It fails for one customer after the other.
                    let answer = try await shop.order(key: "order-\(open.count)", reference: "c-\(open.count)")
                    switch answer.status {
                    case 202: open.append(try #require(try answer.json["id"].string))
                    case 503: refusal = answer
                    default: Issue.record("neither open nor refused: \(answer)")
                    }
                }
                let refused = try #require(refusal)
                #expect(refused.headers.first(name: "Retry-After") != nil)
                #expect(try refused.json["code"] == .string("payment_unavailable"))

                try await shop.setFaults("{}")
                for id in open {
                    _ = try await shop.wait("/orders/\(id)") { $0["status"] == .string("FULFILLED") }
                }
                if let id = try refused.json["order_id"].string {
                    let order = try await shop.send(.GET, "/orders/\(id)").json
                    #expect(order["status"] == .string("REJECTED") && order["reason"] == .string("payment_unavailable"))
                    let charged = try await shop.ledger()["charges"].elements.compactMap { $0["order_id"].string }
                    #expect(!charged.contains(id))
                }
                #expect(try await shop.order(key: "afterwards").status == 201)
                try await Self.verify(shop, charges: Int64(open.count) + 1)
            }
        }

        @Test("what fails for one customer, or with one method, keeps no other from paying or from the stock")
        func oneCustomer() async throws {
            try await LocalShop.with { shop in
                let bad = try await shop.register("bad@example.com")
                var statuses: [Int] = []
                for number in 0..<30 {
                    let answer = try await shop.order(key: "bad-\(number)", paymentMethod: "pm_error", token: bad)
                    statuses.append(answer.status)
                    if answer.status == 429 {
                        #expect(try answer.json["code"] == .string("undecided_orders"))
                        #expect(answer.headers.first(name: "Retry-After") != nil)
                    }
                    // Others use the method too, and still others pay.
                    _ = try await shop.order(key: "b-\(number)", paymentMethod: "pm_error", reference: "b-\(number)")
                    #expect(try await shop.order(key: "good-\(number)", reference: "g-\(number)").status == 201)
                }
                #expect(statuses.contains(202) && statuses.contains(429))
                #expect(statuses.count { $0 == 202 } <= 5)

                let all = #"{"items":[{"sku":"TEA","quantity":90000}],"payment_method":"pm_error"}"#
                let other = try await shop.register("other@example.com")
                let unpaid = try await shop.send(.POST, "/orders", token: other, key: "all", body: all)
                #expect(unpaid.status == 202, "\(unpaid)")
                let id = try #require(try unpaid.json["id"].string)
                let order = try await shop.send(.GET, "/orders/\(id)").json
                #expect(order["status"] == .string("REJECTED") && order["reason"] == .string("payment_expired"))
                let paid = try await shop.send(
                    .POST, "/orders", key: "rest", body: #"{"items":[{"sku":"TEA","quantity":90000}]}"#)
                #expect(paid.status == 201, "\(paid)")
            }
        }

        @Test("a refund is paid once, however often it is asked for and whatever fails")
        func refund() async throws {
            try await LocalShop.withEach(of: [1, 4]) { shop in
                let id = try #require(try await shop.order(key: "refunded").json["id"].string)
                _ = try await shop.wait("/orders/\(id)") { $0["status"] == .string("FULFILLED") }
                try await shop.setFaults(#"{"error_after_charge": {"next": 2}}"#)
                for _ in 0..<2 {
                    let answer = try await shop.send(
                        .POST, "/orders/\(id)/refund", body: #"{"reason":"broken","restock":true}"#)
                    #expect([200, 202].contains(answer.status), "\(answer)")
                }
                let order = try await shop.wait("/orders/\(id)") { $0["payment"]["status"] == .string("REFUNDED") }
                #expect(order["status"] == .string("REFUNDED"))
                for sku in ["TEA", "CUP"] {
                    let stock = try await shop.wait("/inventory/\(sku)") { $0["on_hand"] == .integer(100_000) }
                    #expect(stock["reserved"] == .integer(0))
                }
                let summary = try await shop.ledgerSummary()
                #expect(summary["refunded"] == .integer(1))
                #expect(summary["amount_refunded"] == summary["amount"])
                try await Self.verify(shop, charges: 1)
            }
        }

        private static func verify(_ shop: LocalShop, charges: Int64) async throws {
            try await shop.stopAtRest()
            #expect(try await shop.ledgerSummary()["orders_charged_more_than_once"] == .integer(0))
            let verified = try await shop.verify()
            #expect(verified["ok"] == .boolean(true))
            #expect(verified["charges"] == .integer(charges))
            #expect(verified["units_reserved"] == .integer(0))
        }
    }
}
