import Testing

extension SystemTests {
    /// Each node changes something, and every other is asked at once: of three nodes two lead nothing of it.
    @Suite("A client's own change", .timeLimit(patience)) struct OwnChangeTests {
        private struct Place {
            let cluster: LocalCluster
            let writer: String
            let reader: String
            /// A SKU, and a customer, of this place alone.
            let name: String

            @discardableResult
            func write(
                _ method: Answer.Method, _ path: String, _ body: String, token: String? = nil
            ) async throws -> JSON {
                let answer = try await cluster.send(method, path, at: writer, token: token, body: body)
                try #require((200..<300).contains(answer.status), "\(method) \(path) at \(name): \(answer)")
                return answer.text.isEmpty ? .null : try answer.json
            }

            /// Creates a product with one SKU.
            ///
            /// - Returns: its id.
            func create() async throws -> String {
                let variant = #"{"sku":"\#(name)","price":{"amount":250,"currency":"EUR"}}"#
                let product = try await write(
                    .POST, "/products", #"{"title":"Lamp \#(name)","variants":[\#(variant)]}"#)
                return try #require(product["id"].string)
            }

            func receive() async throws { try await write(.POST, "/inventory/\(name)/receive", #"{"quantity":7}"#) }

            func read(_ path: String, token: String? = nil) async throws -> JSON {
                let answer = try await cluster.send(.GET, path, at: reader, token: token)
                try #require(answer.status == 200, "\(path) at \(name): \(answer)")
                return try answer.json
            }
        }

        /// - Parameter shards: with several, more than one node leads something.
        private func everywhere(shards: Int, _ body: (Place) async throws -> Void) async throws {
            try await LocalCluster.with(shards: shards) { cluster in
                for writer in cluster.nodes {
                    for reader in cluster.nodes where reader.id != writer.id {
                        try await body(
                            Place(
                                cluster: cluster, writer: writer.url, reader: reader.url,
                                name: "P\(writer.id)\(reader.id)"))
                    }
                }
            }
        }

        @Test("of the catalogue and of stock is shown by every other node at once", arguments: [3])
        func catalogue(shards: Int) async throws {
            try await everywhere(shards: shards) { place in
                let sku = place.name
                let id = try await place.create()
                #expect(try await place.read("/products/\(id)")["id"] == .string(id))
                let found = try await place.read("/products?q=\(sku)")
                #expect(found["data"].elements.map { $0["id"] } == [.string(id)], "\(sku): \(found)")
                try await place.receive()
                #expect(try await place.read("/inventory/\(sku)")["on_hand"] == .integer(7))
                let stocks = try await place.read("/inventory?limit=200")["data"].elements
                #expect(stocks.contains { $0["sku"] == .string(sku) && $0["on_hand"] == .integer(7) }, "\(sku)")
                #expect(try await place.read("/inventory/\(sku)/movements")["data"].elements.count == 1, "\(sku)")
            }
        }

        @Test("of a price is what the next order costs, at whichever node it is placed")
        func price() async throws {
            try await everywhere(shards: 3) { place in
                let sku = place.name
                let id = try await place.create()
                try await place.receive()
                for price in 251...255 {
                    try await place.write(
                        .PUT, "/products/\(id)/prices/\(sku)", #"{"amount":\#(price),"currency":"EUR"}"#)
                    let placed = try await place.cluster.send(
                        .POST, "/orders", at: place.reader, key: "\(sku)-\(price)",
                        body: #"{"items":[{"sku":"\#(sku)","quantity":1}]}"#)
                    #expect(placed.status == 201, "\(sku): \(placed)")
                    #expect(try placed.json["total"]["amount"] == .integer(Int64(price)), "\(sku): \(placed)")
                }
            }
        }

        @Test("of sessions, a cart and orders is shown by every other node at once", arguments: [3])
        func customer(shards: Int) async throws {
            try await everywhere(shards: shards) { place in
                let form = #"{"email":"\#(place.name)@example.com","password":"\#(LocalShop.password)"}"#
                try await place.write(.POST, "/auth/register", form)
                let session = try await place.write(.POST, "/auth/login", form)
                let token = try #require(session["access_token"].string)
                #expect(try await place.read("/auth/me", token: token)["email"].string != nil)
                #expect(try await place.read("/auth/sessions", token: token)["data"].elements.count == 1)
                try await place.write(.POST, "/auth/login", form)
                #expect(try await place.read("/auth/sessions", token: token)["data"].elements.count == 2)
                for count in 1...3 {
                    try await place.write(.PUT, "/cart/items/TEA", #"{"quantity":\#(count)}"#, token: token)
                    let cart = try await place.read("/cart", token: token)
                    #expect(cart["items"].elements.map { $0["quantity"] } == [.integer(Int64(count))], "\(cart)")
                    let placed = try await place.cluster.order(
                        key: "\(place.name)-\(count)", at: place.writer, token: token)
                    let id = try #require(try placed.json["id"].string, "\(placed)")
                    #expect(try await place.read("/orders/\(id)", token: token)["id"] == .string(id))
                    let listed = try await place.read("/orders", token: token)["data"].elements
                    #expect(listed.first?["id"] == .string(id) && listed.count == count, "\(place.name): \(listed)")
                }
            }
        }
    }
}
