import CatalogueSearch
import Checkout
import Commerce
import EventSourcing
import Foundation
import HTTPTypes
import Logging
import Testing

@testable import Gateway

@Suite("Products over HTTP", .timeLimit(.minutes(10)))
struct ProductRouteTests {
    static func form(_ sku: String, title: String = "Lamp", price: Int = 1_250, extra: String = "") -> String {
        #"{"title":"\#(title)","brand":"Lumo","category":"Home/Lighting","attributes":{"colour":"red"},"#
            + #"\#(extra)"variants":[{"sku":"\#(sku)","price":{"amount":\#(price),"currency":"GBP"}}]}"#
    }

    @Test("white space around a name is no part of it: one category has one name")
    func names() async throws {
        try await ShopFixture.run { fixture in
            let staff = try await fixture.token(.staff)
            let form = Self.form("L 1", title: " Lamp\\t").replacing("Home/Lighting", with: "  shoes ")
                .replacing("Lumo", with: "Lumo ").replacing("\"red\"", with: "\" red\"")
            let created = try await fixture.send(.post, "/products", form, token: staff)
            #expect(created.string("title") == "Lamp" && created.string("category") == "shoes", "\(created.text)")
            #expect(created.string("brand") == "Lumo" && created.text.contains(#""colour":"red""#))
            #expect(try await fixture.send(.get, "/products?category=shoes").data.count == 1)
            let attribute = form.replacing("\"colour\"", with: "\"colour \"")
            let refused = try await fixture.send(.post, "/products", attribute, token: staff)
            #expect(refused.status == 422 && refused.text.contains("/attributes/colour "), "\(refused.text)")
        }
    }

    @Test("a product is created, read, searched and suggested, at once")
    func create() async throws {
        try await ShopFixture.run { fixture in
            let staff = try await fixture.token(.staff)
            let created = try await fixture.send(.post, "/products", Self.form("L 1"), token: staff)
            #expect(created.status == 201 && created.string("title") == "Lamp", "\(created.text)")
            let id = created.string("id")
            #expect(created.headers[.location] == "/api/v1/products/\(id)")
            let read = try await fixture.send(.get, "/products/\(id)")
            #expect(read.status == 200 && read.text == created.text)
            let tag = try #require(read.headers[.eTag])
            #expect(try await fixture.send(.get, "/products/\(id)", headers: [.ifNoneMatch: tag]).status == 304)
            for query in [
                "q=lamp", "q=lmap", "brand=Lumo", "category=Home", "price_min=1250&price_max=1250&currency=GBP",
                "sku=L%201",
            ] {
                let list = try await fixture.send(.get, "/products?\(query)")
                #expect(list.data.map { $0["id"] as? String } == [id], "\(query) \(list.text)")
            }
            for query in ["q=chair", "brand=Other", "category=Garden", "price_min=1251&currency=GBP", "in_stock=true"] {
                #expect(try await fixture.send(.get, "/products?\(query)").data.isEmpty, "\(query)")
            }
            #expect(try await fixture.send(.get, "/products/suggest?q=la").text.contains("lamp"))
            let facets = try await fixture.send(.get, "/products?facets=true").text
            #expect(facets.contains(#""brands":[{"brand":"Lumo","count":1}]"#), "\(facets)")
            #expect(fixture.shop.prices[SKU("L 1")!]?.price.amount == 1_250)
        }
    }

    @Test("what is no product, no query and nobody's business is refused")
    func refused() async throws {
        try await ShopFixture.run { fixture in
            let staff = try await fixture.token(.staff)
            #expect(try await fixture.send(.post, "/products", Self.form("A")).status == 401)
            #expect(
                try await fixture.send(.post, "/products", Self.form("A"), token: fixture.token(.customer)).status
                    == 403)
            for body in [
                "{}", Self.form("A", price: -1), Self.form("A", extra: #""nonsense":1,"#), Self.form("A/B"),
                Self.form("A").replacing("GBP", with: "gbp"), Self.form("A").replacing("GBP", with: "XXX"),
                Self.form("A").replacing("Home/", with: "//"), Self.form("batch"),
                Self.form("A", title: String(repeating: "x", count: Product.Details.titleLengthMax + 1)),
            ] {
                let reply = try await fixture.send(.post, "/products", body, token: staff)
                #expect(reply.status == 422 && reply.code == "invalid_fields", "\(body) \(reply.text)")
                let foretold = try JSONSerialization.jsonObject(
                    with: Data(try #require(ProductCheck.problem(with: Array(body.utf8)), "\(body)")))
                #expect((foretold as? [String: Any])?["detail"] as? String == reply.string("detail"))
            }
            #expect(ProductCheck.problem(with: Array(Self.form("A").utf8)) == nil)
            for query in [
                "price_min=1", "limit=0", "limit=101", "cursor=x", "sort=up", "nonsense=1", "in_stock=maybe",
                "currency=ZZZ",
            ] {
                #expect(try await fixture.send(.get, "/products?\(query)").status == 422, "\(query)")
            }
            for path in ["/products/prd_0", "/products/x", "/products/ord_00000000000000000000000000"] {
                #expect(try await fixture.send(.get, path).status == 404)
            }
        }
    }

    @Test("a SKU has one product; the refusal names it, and given up it is free again")
    func skus() async throws {
        try await ShopFixture.run { fixture in
            let staff = try await fixture.token(.staff)
            let first = try await fixture.send(.post, "/products", Self.form("A"), token: staff).string("id")
            let taken = try await fixture.send(.post, "/products", Self.form("A"), token: staff)
            #expect(taken.status == 409 && taken.code == "sku_taken" && taken.text.contains(#""skus":["A"]"#))
            #expect(try await fixture.send(.put, "/products/\(first)", Self.form("B"), token: staff).status == 200)
            #expect(try await fixture.send(.post, "/products", Self.form("A"), token: staff).status == 201)
            #expect(try await fixture.send(.put, "/products/\(first)", Self.form("A"), token: staff).status == 409)
            #expect(fixture.shop.prices[SKU("B")!] != nil)
        }
    }

    @Test("a change with If-Match is made to what was seen, whatever has been sold since")
    func conditional() async throws {
        try await ShopFixture.run { fixture in
            let staff = try await fixture.token(.staff)
            let created = try await fixture.send(.post, "/products", Self.form("A"), token: staff)
            let id = created.string("id")
            let tag = try #require(try await fixture.send(.get, "/products/\(id)").headers[.eTag])
            let product = try #require(ProductID(id))
            _ = try await fixture.shop.shards.execute(on: product.slot, at: ShopFixture.now()) {
                batch throws(Product.Refusal) in
                try batch.decide(Product.self, product, .recordUnitsSold([SKUUnits(sku: SKU("A")!, units: 3)]))
            }.get()
            try await fixture.shop.priceFollower.catchUp()
            let sold = try await fixture.send(.get, "/products/\(id)", headers: [.ifNoneMatch: tag])
            #expect(sold.status == 200 && sold.json["units_sold"] as? Int == 3)
            let changed = try await fixture.send(
                .put, "/products/\(id)", Self.form("A", title: "Lantern"), token: staff, headers: [.ifMatch: tag])
            #expect(changed.status == 200 && changed.string("title") == "Lantern", "\(changed.text)")
            let late = try await fixture.send(
                .put, "/products/\(id)", Self.form("A"), token: staff, headers: [.ifMatch: tag])
            #expect(late.status == 412 && late.code == "version_mismatch")
            #expect(try await fixture.send(.get, "/products/\(id)").string("title") == "Lantern")
            #expect(try await fixture.send(.get, "/products?q=lantern").data.count == 1)
            #expect(try await fixture.send(.get, "/products?q=lamp").data.isEmpty)
        }
    }

    @Test("a price changes alone; what is off sale is seen by staff only")
    func activation() async throws {
        try await ShopFixture.run { fixture in
            let staff = try await fixture.token(.staff)
            let id = try await fixture.send(.post, "/products", Self.form("A B"), token: staff).string("id")
            let priced = try await fixture.send(
                .put, "/products/\(id)/prices/A%20B", #"{"amount":5,"currency":"GBP"}"#, token: staff)
            #expect(priced.status == 200 && priced.text.contains(#""amount":5"#), "\(priced.text)")
            #expect(
                try await fixture.send(
                    .put, "/products/\(id)/prices/X", #"{"amount":5,"currency":"GBP"}"#, token: staff
                ).status == 404)
            #expect(
                try await fixture.send(.post, "/products/\(id)/deactivate", token: staff).json["active"] as? Bool
                    == false)
            #expect(try await fixture.send(.get, "/products/\(id)").status == 404)
            #expect(try await fixture.send(.get, "/products/\(id)", token: staff).status == 200)
            #expect(try await fixture.send(.get, "/products").data.isEmpty)
            #expect(try await fixture.send(.get, "/products?include_inactive=true", token: staff).data.count == 1)
            #expect(try await fixture.send(.post, "/products/\(id)/activate", "{}", token: staff).status == 200)
            #expect(try await fixture.send(.get, "/products/\(id)").status == 200)
        }
    }

    @Test("each product of a batch stands for itself, and a batch under a key is made once")
    func batch() async throws {
        try await ShopFixture.run { fixture in
            let staff = try await fixture.token(.staff)
            let products = [
                Self.form("A"), Self.form("A"), "{}", Self.form("B"), "7", Self.form("C").replacing("Home", with: ""),
            ]
            let body = #"{"products":[\#(products.joined(separator: ","))]}"#
            let key: HTTPFields = [.idempotencyKey: "batch-1"]
            let first = try await fixture.send(.post, "/products/batch", body, token: staff, headers: key)
            #expect(first.status == 200, "\(first.text)")
            let results = try #require(first.json["results"] as? [[String: Any]])
            #expect(results.map { $0["status"] as? Int } == [201, 409, 422, 201, 422, 422], "\(first.text)")
            #expect(
                results[1]["id"] == nil && (results[1]["problem"] as? [String: Any])?["code"] as? String == "sku_taken")
            let list = try await fixture.send(.get, "/products")
            #expect(list.data.count == 2)
            // Another caller's key is another key.
            let other = try await fixture.send(
                .post, "/products/batch", body, token: fixture.token(.staff), headers: key)
            #expect(other.headers[.idempotentReplayed] == nil)
            #expect(try await fixture.send(.post, "/products/batch", #"{"products":[]}"#, token: staff).status == 422)
        }
    }

    @Test("a product under a key is created once, and another body is refused")
    func idempotent() async throws {
        try await ShopFixture.run { fixture in
            let staff = try await fixture.token(.staff)
            let key: HTTPFields = [.idempotencyKey: "p-1"]
            let replies = try await withThrowingTaskGroup(of: Reply.self) { group in
                for _ in 0..<20 {
                    group.addTask {
                        try await fixture.send(.post, "/products", Self.form("A"), token: staff, headers: key)
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(Set(replies.map(\.text)).count == 1 && replies.allSatisfy { $0.status == 201 })
            #expect(replies.count { $0.headers[.idempotentReplayed] == "true" } == 19)
            let other = try await fixture.send(.post, "/products", Self.form("B"), token: staff, headers: key)
            #expect(other.status == 422 && other.code == "idempotency_key_reused")
            let large = Self.form(
                "C",
                extra:
                    #""description":"\#(String(repeating: "é", count: 10_000))","attributes2":0,"#
            )
            .replacing(#""attributes2":0,"#, with: "")
            #expect(
                try await fixture.send(.post, "/products", large, token: staff, headers: [.idempotencyKey: "p-2"])
                    .status == 201)
        }
    }

    @Test("stock that comes and goes moves a product into the list of what is in stock, and out of it")
    func availability() async throws {
        try await ShopFixture.run(shards: 4) { fixture in
            let staff = try await fixture.token(.staff)
            _ = try await fixture.send(.post, "/products", Self.form("A"), token: staff)
            func wait(for count: Int) async throws {
                while try await fixture.send(.get, "/products?in_stock=true").data.count != count {
                    try await Task.sleep(for: .milliseconds(20))
                }
            }
            _ = try await fixture.send(.post, "/inventory/A/receive", #"{"quantity":2}"#, token: staff)
            try await wait(for: 1)
            _ = try await fixture.send(.post, "/inventory/A/adjust", #"{"delta":-2,"reason":"damage"}"#, token: staff)
            try await wait(for: 0)
        }
    }

    @Test("an index that is new reads the catalogue as it stands")
    func scan() async throws {
        try await ShopFixture.run(shards: 4) { fixture in
            let staff = try await fixture.token(.staff)
            for sku in ["A", "B", "C"] { _ = try await fixture.send(.post, "/products", Self.form(sku), token: staff) }
            _ = try await fixture.send(.post, "/inventory/B/receive", #"{"quantity":2}"#, token: staff)
            let index = try await CatalogueIndexFixture.scanned(fixture.shop.shards)
            #expect(try await index.search(.init()).productIDs.count == 3)
            #expect(try await index.search(.init(inStockOnly: true)).productIDs.count == 1)
            let positions = try await index.positions()
            let committed = fixture.shop.shards.catalogue.journal.committed
            for log in [SearchFollower.productLog, SearchFollower.salesLog] { #expect(positions[log] == committed) }
        }
    }

    @Test("stock that had no product when the catalogue was read is found once it has one")
    func stockBeforeProduct() async throws {
        try await ShopFixture.run(shards: 4) { fixture in
            let staff = try await fixture.token(.staff)
            let id = try await fixture.send(.post, "/products", Self.form("B"), token: staff).string("id")
            _ = try await fixture.send(.post, "/inventory/B/receive", #"{"quantity":2}"#, token: staff)
            _ = try await fixture.send(.put, "/products/\(id)", Self.form("A"), token: staff)
            let shards = fixture.shop.shards
            let index = try await CatalogueIndexFixture.scanned(shards)
            let follower = SearchFollower(
                shards: shards, index: index, floors: RetentionFloors(), logger: Logger(label: "test"))
            let following = Task { try await follower.run() }
            defer { following.cancel() }
            let taken = Self.form("B", extra: #""take_over_stock":true,"#)
            #expect(try await fixture.send(.post, "/products", taken, token: staff).status == 201)
            while try await index.search(.init()).productIDs.count != 2 { try await Task.sleep(for: .milliseconds(20)) }
            #expect(try await index.search(.init(inStockOnly: true)).productIDs.count == 1)
        }
    }
}
