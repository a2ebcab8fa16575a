import Commerce
import EventSourcing
import Foundation
import HTTPTypes
import Testing

@testable import Gateway

@Suite("Whose an idempotency key is", .timeLimit(.minutes(10)))
struct KeyOwnershipTests {
    private static func order(_ customer: String, _ quantity: Int = 1) -> String {
        #"{"items":[{"sku":"A","quantity":\#(quantity)}],"customer_reference":"\#(customer)"}"#
    }

    @Test("a request has one key: of several none is taken for the key, and nothing is done")
    func severalKeys() async throws {
        try await ShopFixture.run(shards: 1) { fixture in
            try await OrderRouteTests.stock(fixture, "A", units: 1)
            let token = try await fixture.token(.customer)
            var headers = HTTPFields()
            headers[values: .idempotencyKey] = ["one", "two"]
            let reply = try await fixture.send(
                .post, "/orders", #"{"items":[{"sku":"A","quantity":1}]}"#, token: token, headers: headers)
            #expect(reply.status == 400 && reply.code == "idempotency_key_invalid", "\(reply.text)")
            #expect(try await fixture.send(.get, "/orders", token: token).data.isEmpty)
        }
    }

    @Test("one key of staff is one order, whatever customer the body names", arguments: [1, 3])
    func staffOrders(shards: Int) async throws {
        try await ShopFixture.run(shards: shards) { fixture in
            try await OrderRouteTests.stock(fixture, "A", units: 100)
            let staff = try await fixture.token(.staff)
            for attempt in 0..<4 {
                let key = "k\(attempt)"
                let customers = (0..<6).map { "C\(attempt)-\($0)" }
                let first = try await OrderRouteTests.place(
                    fixture, Self.order(customers[0]), token: staff, key: key)
                #expect(first.status == 201, "\(first.text)")
                for customer in customers.dropFirst() {
                    let other = try await OrderRouteTests.place(
                        fixture, Self.order(customer), token: staff, key: key)
                    #expect(other.status == 422 && other.code == "idempotency_key_reused", "\(other.text)")
                }
                let own = try await OrderRouteTests.place(
                    fixture, #"{"items":[{"sku":"A","quantity":1}]}"#, token: staff, key: key)
                #expect(own.code == "idempotency_key_reused", "\(own.text)")
                let again = try await OrderRouteTests.place(
                    fixture, Self.order(customers[0]), token: staff, key: key)
                #expect(again.status == 201 && again.headers[.idempotentReplayed] == "true")
                #expect(again.string("id") == first.string("id"))
            }
            #expect(try await fixture.send(.get, "/orders?limit=200", token: staff).data.count == 4)
        }
    }

    @Test("a refused or rejected order keeps the key of its sender, whatever customer is named next", arguments: [1, 3])
    func refused(shards: Int) async throws {
        try await ShopFixture.run(shards: shards) { fixture in
            try await OrderRouteTests.stock(fixture, "A", units: 0)
            let staff = try await fixture.token(.staff)
            for attempt in 0..<4 {
                let key = "k\(attempt)"
                let strange = #"{"items":[{"sku":"X","quantity":1}],"customer_reference":"C\#(attempt)"}"#
                let place = { @Sendable (order: String, key: String) in
                    try await OrderRouteTests.place(fixture, order, token: staff, key: key)
                }
                let unknown = try await place(strange, "unknown\(attempt)")
                #expect(unknown.status == 422 && unknown.code != "idempotency_key_reused", "\(unknown.text)")
                let short = try await place(Self.order("C\(attempt)"), key)
                #expect(short.status == 409 && short.code == "insufficient_stock", "\(short.text)")
                _ = try await fixture.send(.post, "/inventory/A/receive", #"{"quantity":1}"#, token: staff)
                for kept in [(strange, "unknown\(attempt)", unknown), (Self.order("C\(attempt)"), key, short)] {
                    let again = try await place(kept.0, kept.1)
                    #expect(again.status == kept.2.status && again.code == kept.2.code, "\(again.text)")
                    for other in [Self.order("D\(attempt)"), #"{"items":[{"sku":"A","quantity":1}]}"#] {
                        #expect(try await place(other, kept.1).code == "idempotency_key_reused")
                    }
                }
                let placed = try await place(Self.order("D\(attempt)"), "new\(attempt)")
                #expect(placed.status == 201, "\(placed.text)")
            }
        }
    }

    @Test("one key registers one account, whatever address the body names", arguments: [1, 3])
    func registrations(shards: Int) async throws {
        try await ShopFixture.run(shards: shards) { fixture in
            func register(_ name: String, key: String) async throws -> Reply {
                try await fixture.send(
                    .post, "/auth/register",
                    #"{"email":"\#(name)@example.org","password":"correct horse battery staple"}"#,
                    headers: [.idempotencyKey: key])
            }
            for attempt in 0..<3 {
                let first = try await register("a\(attempt)", key: "k\(attempt)")
                #expect(first.status == 201, "\(first.text)")
                for number in 0..<4 {
                    let other = try await register("b\(attempt)-\(number)", key: "k\(attempt)")
                    #expect(other.status == 422 && other.code == "idempotency_key_reused", "\(other.text)")
                }
                let again = try await register("a\(attempt)", key: "k\(attempt)")
                #expect(again.status == 201 && again.string("id") == first.string("id"))
                for _ in 0..<2 {
                    let taken = try await register("a\(attempt)", key: "taken\(attempt)")
                    #expect(taken.status == 409, "\(taken.text)")
                }
                #expect(try await register("c\(attempt)", key: "taken\(attempt)").code == "idempotency_key_reused")
                #expect(try await register("c\(attempt)", key: "c\(attempt)").status == 201)
            }
        }
    }

    @Test("one key is one batch of receipts, whatever shards its SKUs live on", arguments: [1, 3])
    func receipts(shards: Int) async throws {
        try await ShopFixture.run(shards: shards) { fixture in
            let staff = try await fixture.token(.staff)
            let skus = (0..<6).map { "S\($0)" }
            for sku in skus { try await OrderRouteTests.stock(fixture, sku, units: 0) }
            func receive(_ skus: String..., key: String) async throws -> Reply {
                let receipts = skus.map { #"{"sku":"\#($0)","quantity":5}"# }.joined(separator: ",")
                return try await fixture.send(
                    .post, "/inventory/batch", #"{"receipts":[\#(receipts)]}"#, token: staff,
                    headers: [.idempotencyKey: key])
            }
            let first = try await receive(skus[0], key: "k")
            #expect(first.status == 200, "\(first.text)")
            for sku in skus.dropFirst() {
                let other = try await receive(sku, key: "k")
                #expect(other.status == 422 && other.code == "idempotency_key_reused", "\(other.text)")
            }
            let again = try await receive(skus[0], key: "k")
            #expect(again.headers[.idempotentReplayed] == "true" && again.text == first.text, "\(again.text)")
            // What was refused is kept as it was said, beside what was received.
            let mixed = try await receive(skus[1], "none", skus[2], key: "mixed")
            let mixedAgain = try await receive(skus[1], "none", skus[2], key: "mixed")
            #expect(mixedAgain.headers[.idempotentReplayed] == "true" && mixedAgain.text == mixed.text)
        }
    }

    @Test("the ways to write one path are one resource, with one scope of keys")
    func paths() async throws {
        try await ShopFixture.run { fixture in
            let staff = try await fixture.token(.staff)
            try await OrderRouteTests.stock(fixture, "KP-1+x", units: 0)
            for (action, body) in [
                ("receive", #"{"quantity":5}"#), ("adjust", #"{"delta":5,"reason":"count"}"#),
                ("reservations", #"{"quantity":1,"expires_in":60}"#),
            ] {
                let replies = [
                    "/inventory/KP-1+x/\(action)", "/inventory/KP%2D1+x/\(action)", "/inventory/KP%2d1%2Bx/\(action)",
                    "/inventory/KP-1%2bx/\(action)/", "/inventory//KP-1+x//\(action)", "//inventory/KP-1+x/\(action)//",
                    "/%69nventory/%4B%50-1+x/\(action)",
                ]
                for (number, path) in replies.enumerated() {
                    let reply = try await fixture.send(
                        .post, path, body, token: staff, headers: [.idempotencyKey: number % 2 == 0 ? "k" : #""k""#])
                    #expect((200..<300).contains(reply.status), "\(path): \(reply.text)")
                    #expect((reply.headers[.idempotentReplayed] == "true") == (number > 0), "\(path)")
                }
            }
            let stock = try await fixture.send(.get, "/inventory/KP%2D1%2Bx/", token: staff)
            #expect(stock.json["on_hand"] as? Int == 10 && stock.json["reserved"] as? Int == 1, "\(stock.text)")
            #expect(try await fixture.send(.delete, "/orders/", token: staff).status == 405)
            #expect(try await fixture.send(.get, "/nowhere%2Fat/all", token: staff).status == 404)
        }
    }

    @Test("a path in normal form is left as it is", arguments: [
        ("/a/b", nil), ("/", nil), ("/a?x=//%2d/", nil), ("", nil), ("*", nil),
        ("/a/", "/a"), ("//", "/"), ("//a//b//", "/a/b"), ("/%2D%7e%41", "/-~A"), ("/%2f%2B", "/%2F%2B"),
        ("/%zz%4", "/%zz%4"), ("/%", "/%"), ("/a/?q=%2d/", "/a?q=%2d/"), ("/%25%32%44", "/%252D"),
    ] as [(String, String?)])
    func normalized(target: String, normal: String?) {
        #expect(RequestTarget.normalized(target) == normal)
    }

    @Test("a quoted key is the bare one", arguments: [
        (#""abc""#, "abc"), ("abc", "abc"), (#""a\"b\\c""#, #"a"b\c"#), (#"""#, #"""#), (#""""#, ""),
        (#""a"b""#, #""a"b""#), (#""a\b""#, #""a\b""#), (#""a\""#, #""a\""#), (#"'abc'"#, "'abc'"),
    ])
    func quoted(text: String, key: String) {
        #expect(RequestKey.unquoted(text) == key)
    }

    @Test("the key of a change of the cart keeps no cart")
    func cart() async throws {
        try await ShopFixture.run { fixture in
            let subject = CustomerID(at: ShopFixture.now(), slot: Slot(7), random: 1)
            let customer = try await fixture.token(.customer, subject: subject)
            for sku in 0..<30 {
                try await OrderRouteTests.stock(fixture, "S\(sku)", units: 0)
                _ = try await fixture.send(.put, "/cart/items/S\(sku)", #"{"quantity":1}"#, token: customer)
            }
            let shard = fixture.shop.shards[subject.slot]
            let before = shard.journal.committed
            let keys = 20
            for number in 0..<keys {
                let reply = try await fixture.send(
                    .post, "/cart/items", #"{"sku":"S0","quantity":1}"#, token: customer,
                    headers: [.idempotencyKey: "k\(number)"])
                #expect(reply.status == 200, "\(reply.text)")
            }
            let records = try shard.journal.records(from: before.next, countMax: 1_000, bytesMax: 10 << 20)
            #expect(records.count >= keys)
            #expect(records.allSatisfy { $0.bytes.count < 256 }, "\(records.map(\.bytes.count))")
            let again = try await fixture.send(
                .post, "/cart/items", #"{"sku":"S0","quantity":1}"#, token: customer, headers: [.idempotencyKey: "k3"])
            #expect(again.headers[.idempotentReplayed] == "true")
            let cart = try await fixture.send(.get, "/cart", token: customer)
            #expect(again.text == cart.text && again.headers[.eTag] == cart.headers[.eTag])
            #expect(cart.text.contains(#""quantity":\#(keys + 1)"#))
        }
    }
}
