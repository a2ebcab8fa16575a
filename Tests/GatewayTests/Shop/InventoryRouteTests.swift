import Commerce
import Foundation
import HTTPTypes
import Testing

@testable import Gateway

@Suite("Inventory over HTTP", .timeLimit(.minutes(10)))
struct InventoryRouteTests {
    @Test(
        "the location of a reservation leads to it, whatever its SKU is made of",
        arguments: ["A-1", "A B", "50%#?&+;="])
    func location(sku: String) async throws {
        try await ShopFixture.run { fixture in
            let staff = try await fixture.token(.staff)
            _ = try await fixture.send(.post, "/products", ProductRouteTests.form(sku), token: staff)
            let path = try #require(sku.addingPercentEncoding(withAllowedCharacters: .alphanumerics))
            let received = try await fixture.send(.post, "/inventory/\(path)/receive", #"{"quantity":9}"#, token: staff)
            #expect(received.string("sku") == sku, "\(received.text)")
            let reserved = try await fixture.send(
                .post, "/inventory/\(path)/reservations", #"{"quantity":2,"expires_in":60}"#, token: staff)
            #expect(reserved.status == 201, "\(reserved.text)")
            let location = try #require(reserved.headers[.location])
            #expect(
                URL(string: location)?.path
                    == "/api/v1/inventory/\(sku)/reservations/\(reserved.string("reservation_id"))")
            let fulfilled = try await fixture.send(
                .post, location.replacing("/api/v1", with: "") + "/fulfill", token: staff)
            #expect(fulfilled.status == 200 && fulfilled.json["on_hand"] as? Int == 7, "\(fulfilled.text)")
        }
    }

    @Test("a SKU that would stand in a path as another one is refused", arguments: [".", "..", "batch"])
    func unaddressable(sku: String) async throws {
        try await ShopFixture.run { fixture in
            let staff = try await fixture.token(.staff)
            let created = try await fixture.send(.post, "/products", ProductRouteTests.form(sku), token: staff)
            #expect(created.status == 422 && created.text.contains("/variants/0/sku"), "\(created.text)")
            let body = #"{"products":[\#(ProductRouteTests.form(sku)),\#(ProductRouteTests.form("A"))]}"#
            let batch = try await fixture.send(.post, "/products/batch", body, token: staff)
            let results = try #require(batch.json["results"] as? [[String: Any]])
            #expect(results.map { $0["status"] as? Int } == [422, 201], "\(batch.text)")
            let id = try #require(results[1]["id"] as? String)
            let put = try await fixture.send(.put, "/products/\(id)", ProductRouteTests.form(sku), token: staff)
            #expect(put.status == 422, "\(put.text)")
        }
    }

    @Test("no SKU can be taken for a word of a route")
    func routes() async throws {
        try await ShopFixture.run(shards: 1) { fixture in
            let patterns = fixture.routes.map { $0.split(separator: " ")[1].split(separator: "/").map(String.init) }
            for pattern in patterns {
                for (place, part) in pattern.enumerated() where part == "{sku}" {
                    for other in patterns where other.count > place && other[..<place] == pattern[..<place] {
                        let word = other[place]
                        #expect(word.hasPrefix("{") || SKU(word)?.isAddressable == false, "\(other) \(pattern)")
                    }
                }
            }
        }
    }

    @Test("what has arrived is listed at once, page by page")
    func listed() async throws {
        try await ShopFixture.run(shards: 4) { fixture in
            let staff = try await fixture.token(.staff)
            let skus = (1...9).map { "S-\($0)" }
            for sku in skus {
                _ = try await fixture.send(.post, "/products", ProductRouteTests.form(sku), token: staff)
                let received = try await fixture.send(
                    .post, "/inventory/\(sku)/receive", #"{"quantity":3}"#, token: staff)
                #expect(received.status == 200, "\(received.text)")
                let list = try await fixture.send(.get, "/inventory", token: staff)
                #expect(list.data.last?["sku"] as? String == sku, "\(list.text)")
            }
            var pages: [[String]] = []
            var cursor: String?
            repeat {
                let query = cursor.map { "&cursor=\($0)" } ?? ""
                let page = try await fixture.send(.get, "/inventory?limit=3\(query)", token: staff)
                pages.append(page.data.compactMap { $0["sku"] as? String })
                cursor = page.json["next_cursor"] as? String
            } while cursor != nil && pages.count < 9
            #expect(pages == [Array(skus[..<3]), Array(skus[3..<6]), Array(skus[6...])])
        }
    }

    @Test("customers hear what can be bought of what is on sale; the numbers are for staff")
    func availability() async throws {
        try await ShopFixture.run { fixture in
            let staff = try await fixture.token(.staff)
            let customer = try await fixture.token(.customer)
            let id = try await fixture.send(.post, "/products", ProductRouteTests.form("A"), token: staff).string("id")
            #expect(
                try await fixture.send(.get, "/inventory/A").text == #"{"sku":"A","available":0,"in_stock":false}"#)
            _ = try await fixture.send(.post, "/inventory/A/receive", #"{"quantity":9}"#, token: staff)
            _ = try await fixture.send(
                .post, "/inventory/A/reservations", #"{"quantity":2,"expires_in":600}"#, token: staff)
            for token in [nil, customer] {
                let reply = try await fixture.send(.get, "/inventory/A", token: token)
                #expect(reply.text == #"{"sku":"A","available":7,"in_stock":true}"#)
                let tag = try #require(reply.headers[.eTag])
                let again = try await fixture.send(
                    .get, "/inventory/A", token: token, headers: [.ifNoneMatch: tag])
                #expect(again.status == 304)
                #expect(try await fixture.send(.get, "/inventory/B", token: token).status == 404)
            }
            let numbers = try await fixture.send(.get, "/inventory/A", token: staff)
            #expect(numbers.json["on_hand"] as? Int == 9 && numbers.json["reserved"] as? Int == 2)
            _ = try await fixture.send(.post, "/products/\(id)/deactivate", token: staff)
            for token in [nil, customer] {
                #expect(try await fixture.send(.get, "/inventory/A", token: token).status == 404)
            }
            #expect(try await fixture.send(.get, "/inventory/A", token: staff).json["on_hand"] as? Int == 9)
        }
    }

    @Test("what is left of a SKU that left the catalogue can be counted and written off")
    func leftOver() async throws {
        try await ShopFixture.run { fixture in
            let staff = try await fixture.token(.staff)
            let id = try await fixture.send(.post, "/products", ProductRouteTests.form("A"), token: staff).string("id")
            _ = try await fixture.send(.post, "/inventory/A/receive", #"{"quantity":7}"#, token: staff)
            _ = try await fixture.send(.put, "/products/\(id)", ProductRouteTests.form("B"), token: staff)
            #expect(try await fixture.send(.get, "/inventory/A").status == 404)

            let taken = try await fixture.send(.post, "/products", ProductRouteTests.form("A"), token: staff)
            #expect(taken.status == 409 && taken.code == "sku_in_stock", "\(taken.text)")
            #expect(taken.string("detail").hasPrefix("7 of A are on hand."), "\(taken.text)")
            let put = try await fixture.send(.put, "/products/\(id)", ProductRouteTests.form("A"), token: staff)
            #expect(put.code == "sku_in_stock", "\(put.text)")

            let counted = try await fixture.send(
                .put, "/inventory/A", #"{"on_hand":6,"expected":7,"reason":"count"}"#, token: staff)
            #expect(counted.status == 200, "\(counted.text)")
            let line = #"{"receipts":[{"sku":"A","quantity":1},{"sku":"X","quantity":1}]}"#
            let batch = try await fixture.send(.post, "/inventory/batch", line, token: staff)
            #expect(
                (batch.json["results"] as? [[String: Any]])?.map { $0["status"] as? Int } == [200, 404],
                "\(batch.text)")
            let written = try await fixture.send(
                .post, "/inventory/A/adjust", #"{"delta":-7,"reason":"damage"}"#, token: staff)
            #expect(written.status == 200 && written.json["on_hand"] as? Int == 0, "\(written.text)")
            #expect(
                try await fixture.send(.post, "/inventory/X/adjust", #"{"delta":1,"reason":"count"}"#, token: staff)
                    .status == 404)
            #expect(try await fixture.send(.post, "/products", ProductRouteTests.form("A"), token: staff).status == 201)
        }
    }

    @Test("a SKU is taken over with its stock by those who say so")
    func takenOver() async throws {
        try await ShopFixture.run { fixture in
            let staff = try await fixture.token(.staff)
            let id = try await fixture.send(.post, "/products", ProductRouteTests.form("A"), token: staff).string("id")
            _ = try await fixture.send(.post, "/inventory/A/receive", #"{"quantity":7}"#, token: staff)
            _ = try await fixture.send(.put, "/products/\(id)", ProductRouteTests.form("B"), token: staff)
            let unsaid = ProductRouteTests.form("A")
            let said = ProductRouteTests.form("A", extra: #""take_over_stock":true,"#)
            let batch = try await fixture.send(
                .post, "/products/batch", #"{"products":[\#(unsaid),\#(said)]}"#, token: staff)
            #expect(
                (batch.json["results"] as? [[String: Any]])?.map { $0["status"] as? Int } == [409, 201],
                "\(batch.text)")
            #expect(try await fixture.send(.get, "/inventory/A").json["available"] as? Int == 7)
        }
    }

    @Test("a product under a key is created once, though stock of it has arrived since")
    func replayedCreation() async throws {
        try await ShopFixture.run { fixture in
            let staff = try await fixture.token(.staff)
            let key: HTTPFields = [.idempotencyKey: "p-1"]
            let form = ProductRouteTests.form("A")
            let first = try await fixture.send(.post, "/products", form, token: staff, headers: key)
            _ = try await fixture.send(.post, "/inventory/A/receive", #"{"quantity":7}"#, token: staff)
            let second = try await fixture.send(.post, "/products", form, token: staff, headers: key)
            #expect(second.status == 201 && second.text == first.text, "\(second.text)")
        }
    }

    @Test("an initial receipt is taken by a SKU whose stock has never moved")
    func initial() async throws {
        try await ShopFixture.run(shards: 4) { fixture in
            let staff = try await fixture.token(.staff)
            for sku in ["A", "B"] {
                _ = try await fixture.send(.post, "/products", ProductRouteTests.form(sku), token: staff)
            }
            func receive(_ skus: [String]) async throws -> [[String: Any]] {
                let lines = skus.map { #"{"sku":"\#($0)","quantity":5,"initial":true}"# }.joined(separator: ",")
                let body = #"{"receipts":[\#(lines)]}"#
                let reply = try await fixture.send(.post, "/inventory/batch", body, token: staff)
                return try #require(reply.json["results"] as? [[String: Any]], "\(reply.text)")
            }
            #expect(try await receive(["A", "A"]).map { $0["status"] as? Int } == [200, 409])
            _ = try await fixture.send(.post, "/inventory/A/adjust", #"{"delta":-5,"reason":"damage"}"#, token: staff)
            let again = try await receive(["A", "B"])
            #expect(again.map { $0["status"] as? Int } == [409, 200])
            let problem = again[0]["problem"] as? [String: Any]
            #expect(problem?["code"] as? String == "stock_changed" && problem?["on_hand"] as? Int == 0)
        }
    }

    @Test("movements go when the log gives up their records, and the list says so; the stock stays")
    func movementsGone() async throws {
        try await ShopFixture.run(shards: 1, retention: .bytes(0), limits: .hasty) { fixture in
            let staff = try await fixture.token(.staff)
            _ = try await fixture.send(.post, "/products", ProductRouteTests.form("A"), token: staff)
            /// The last page: as many as there may be before the log gives any up.
            func movements() async throws -> Reply {
                var cursor = ""
                while true {
                    let page = try await fixture.send(.get, "/inventory/A/movements?limit=200\(cursor)", token: staff)
                    guard let next = page.json["next_cursor"] as? String else { return page }
                    cursor = "&cursor=\(next)"
                }
            }
            for cursor in ["0", "01", "1000000000000000000", "x"] {
                let refused = try await fixture.send(.get, "/inventory/A/movements?cursor=\(cursor)", token: staff)
                #expect(refused.status == 422 && refused.code == "invalid_fields", "\(cursor): \(refused.text)")
            }
            let fresh = try await movements()
            #expect(fresh.json["earlier_gone"] as? Bool == false, "\(fresh.text)")
            _ = try await fixture.send(.post, "/inventory/A/receive", #"{"quantity":3}"#, token: staff)
            var left = try await movements()
            var products = 0
            while (left.json["data"] as? [Any])?.isEmpty == false {
                // The search index gives up what it has seen when it is told of a product.
                _ = try await fixture.send(.post, "/products", ProductRouteTests.form("B-\(products)"), token: staff)
                products += 1
                try await Task.sleep(for: .milliseconds(20))
                left = try await movements()
            }
            #expect(left.json["earlier_gone"] as? Bool == true, "\(left.text)")
            let stock = try await fixture.send(.get, "/inventory/A", token: staff)
            #expect(stock.json["on_hand"] as? Int == 3)
        }
    }
}
