import Testing

extension SystemTests {
    @Suite("A node started again", .timeLimit(patience)) struct RestartTests {
        /// So many that the price book takes a moment to read them back.
        private static let products = 200

        @Test("prices its first order from the whole catalogue")
        func pricesAtOnce() async throws {
            let rows = (0..<Self.products).map { "SKU-\($0),Product \($0),\(1 + $0).00,EUR,10" }
            let catalogue = "sku,title,price,currency,quantity\n" + rows.joined(separator: "\n") + "\n"
            try await LocalShop.with(catalogue: catalogue) { shop in
                for round in 1...3 {
                    try await shop.killNode()
                    try await shop.startNode()
                    let last = Self.products - round
                    let placed = try await shop.send(
                        .POST, "/orders", key: "at-once-\(round)", body: #"{"items":[{"sku":"SKU-\#(last)","quantity":1}]}"#)
                    #expect(placed.status == 201, "\(placed)")
                    #expect(try placed.json["total"]["amount"] == .integer(Int64(last + 1) * 100))
                }
            }
        }
    }
}
