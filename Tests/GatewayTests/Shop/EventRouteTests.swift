import ActorSystem
import Checkout
import Commerce
import EventSourcing
import Foundation
import HTTPTypes
import NIOCore
import NIOPosix
import Storage
import Synchronization
import Testing

@testable import Gateway

@Suite("Events over Server-Sent Events", .timeLimit(.minutes(10)))
struct EventRouteTests {
    struct Event {
        let position: String
        let type: String
        let json: [String: Any]
        var data: [String: Any] { json["data"] as? [String: Any] ?? [:] }
        var id: String { json["id"] as? String ?? "" }
    }

    /// Listens until `isEnough` of the events so far, and hangs up.
    static func listen(
        _ fixture: ShopFixture, _ query: String, token: String, last: String? = nil,
        isEnough: @Sendable ([Event], String) -> Bool
    ) async throws -> [Event] {
        let port = try #require(fixture.client.port)
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            var head = "GET /api/v1/events\(query) HTTP/1.1\r\nhost: a\r\nauthorization: Bearer \(token)\r\n"
            if let last { head += "last-event-id: \(last)\r\n" }
            try await outbound.write(ByteBuffer(string: head + "\r\n"))
            var text = ""
            for try await buffer in inbound {
                text += String(buffer: buffer)
                let events = events(in: text)
                if isEnough(events, text) { return events }
            }
            return events(in: text)
        }
    }

    static func events(in text: String) -> [Event] {
        var events: [Event] = []
        var fields: [String: String] = [:]
        // The ends of chunks stand between them; Swift takes CR and LF together for one character.
        for line in text.replacing("\r\n", with: "\n").split(separator: "\n", omittingEmptySubsequences: false) {
            if line.isEmpty {
                if let data = fields["data"], let position = fields["id"] {
                    let json = (try? JSONSerialization.jsonObject(with: Data(data.utf8))) as? [String: Any] ?? [:]
                    events.append(Event(position: position, type: fields["event"] ?? "", json: json))
                }
                fields = [:]
            } else if let colon = line.firstIndex(of: ":") {
                fields[String(line[..<colon])] = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
            }
        }
        return events
    }

    @Test("an order that is paid is told with what was bought, and each event once and in the order of its log")
    func orders() async throws {
        try await ShopFixture.run(shards: 3) { fixture in
            let staff = try await fixture.token(.staff)
            _ = try await fixture.send(.post, "/products", ProductRouteTests.form("A", price: 10), token: staff)
            _ = try await fixture.send(.post, "/inventory/A/receive", #"{"quantity":9}"#, token: staff)
            let order = try await fixture.send(
                .post, "/orders", #"{"items":[{"sku":"A","quantity":2}]}"#, token: fixture.token(.customer),
                headers: [.idempotencyKey: "o"])
            #expect(order.status == 201, "\(order.text)")
            // Each shard's events come in their order, those of two shards in any.
            let expected: Set = ["ProductCreated", "StockReceived", "OrderReceived", "StockReserved", "OrderPlaced"]
            let all = try await Self.listen(fixture, "?after=beginning", token: staff) { events, _ in
                expected.isSubset(of: events.map(\.type))
            }
            let placed = try #require(all.last { $0.type == "OrderPlaced" })
            #expect(placed.data["id"] as? String == order.string("id"))
            #expect((placed.data["items"] as? [[String: Any]])?.first?["line_total"] as? Int == 20)
            #expect((placed.data["total"] as? [String: Any])?["amount"] as? Int == 20)
            #expect(
                placed.json["specversion"] as? String == "1.0"
                    && placed.json["subject"] as? String == order.string("id"))
            #expect(Set(all.map(\.id)).count == all.count)

            let filtered = try await Self.listen(fixture, "?after=0&types=StockReceived,OrderPlaced", token: staff) {
                events, _ in
                events.count == 2
            }
            #expect(Set(filtered.map(\.type)) == ["StockReceived", "OrderPlaced"])
        }
    }

    @Test("reading on after any event brings the next one, without gap or repeat", arguments: [1, 3])
    func resume(shards: Int) async throws {
        try await ShopFixture.run(shards: shards) { fixture in
            let staff = try await fixture.token(.staff)
            // One record with several events, and records on every shard.
            let products = (1...6).map { ProductRouteTests.form("S\($0)") }.joined(separator: ",")
            _ = try await fixture.send(.post, "/products/batch", #"{"products":[\#(products)]}"#, token: staff)
            for number in 1...6 {
                _ = try await fixture.send(.post, "/inventory/S\(number)/receive", #"{"quantity":1}"#, token: staff)
            }
            let all = try await Self.listen(fixture, "?after=0", token: staff) { events, _ in events.count == 12 }
            let ids = Set(all.map(\.id))
            #expect(ids.count == 12)
            for (place, event) in all.enumerated() {
                let seen = Set(all[...place].map(\.id))
                guard seen.count < ids.count else { continue }
                let rest = try await Self.listen(fixture, "", token: staff, last: event.position) { events, _ in
                    events.count >= ids.count - seen.count
                }
                #expect(
                    Set(rest.map(\.id)) == ids.subtracting(seen) && rest.count == ids.count - seen.count,
                    "\(event.position)")
            }
        }
    }

    @Test("events come as they happen, and a comment when none do")
    func live() async throws {
        try await ShopFixture.run(heartbeat: .milliseconds(50)) { fixture in
            let staff = try await fixture.token(.staff)
            _ = try await fixture.send(.post, "/products", ProductRouteTests.form("A"), token: staff)
            let (listening, isListening) = AsyncStream.makeStream(of: Void.self)
            async let events = Self.listen(fixture, "", token: staff) { events, text in
                if text.contains(": heartbeat") { isListening.yield() }
                return events.count == 1
            }
            for await _ in listening { break }
            _ = try await fixture.send(.post, "/inventory/A/receive", #"{"quantity":1}"#, token: staff)
            // Nothing from before it began.
            #expect(try await events.map(\.type) == ["StockReceived"])
        }
    }

    @Test("nothing that is secret leaves with the events")
    func secrets() async throws {
        try await ShopFixture.run { fixture in
            let staff = try await fixture.token(.staff)
            _ = try await fixture.send(.post, "/auth/register", AccountRouteTests.form)
            let login = try await fixture.send(.post, "/auth/login", AccountRouteTests.login)
            _ = try await fixture.send(
                .post, "/auth/refresh", #"{"refresh_token":"\#(login.string("refresh_token"))"}"#)
            let seen = Mutex("")
            let events = try await Self.listen(fixture, "?after=0", token: staff) { events, text in
                seen.withLock { $0 = text }
                return events.contains { $0.type == "SessionOpened" }
            }
            let text = seen.withLock { $0 }
            // Who the holder is can be erased, and what the feed has told cannot.
            #expect(events.contains { $0.type == "AccountRegistered" && $0.data["role"] as? String == "customer" })
            #expect(!text.contains("ann@example.org") && !text.contains("first_name"))
            #expect(
                !text.contains("scrypt") && !text.contains("horse") && !text.contains(login.string("refresh_token")))
        }
    }

    private static let longText = String(repeating: "x", count: Product.Details.descriptionLengthMax)

    @Test("a reader that stops reading loses its place to the next one")
    func stalled() async throws {
        var limits = ConnectionLimits()
        limits.stallTimeMax = .milliseconds(100)
        limits.checkInterval = .milliseconds(20)
        try await ShopFixture.run(subscribersMax: 1, connections: limits) { fixture in
            let staff = try await fixture.token(.staff)
            // More than the buffers of both ends of a connection take.
            for number in 0..<UInt64(400) { try await fixture.create(number, described: Self.longText) }
            let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .channelOption(.socketOption(.so_rcvbuf), value: 4_096)
                .connect(host: "127.0.0.1", port: #require(fixture.client.port)) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                    }
                }
            try await channel.executeThenClose { inbound, outbound in
                let head = "GET /api/v1/events?after=0 HTTP/1.1\r\nhost: a\r\nauthorization: Bearer \(staff)\r\n\r\n"
                try await outbound.write(ByteBuffer(string: head))
                var answer = inbound.makeAsyncIterator()
                let begun = try #require(try await answer.next())
                #expect(String(buffer: begun).hasPrefix("HTTP/1.1 200"))
                // It reads no further, and has the only place until it loses it.
                try await fixture.waitForEvents(status: 200, token: staff)
            }
        }
    }

    @Test("one account has so many streams, and takes no other's place")
    func perCaller() async throws {
        try await ShopFixture.run { fixture in
            let one = try await fixture.token(.staff)
            let other = try await fixture.token(.staff)
            try await withThrowingTaskGroup(of: Void.self) { group in
                let (begun, beginning) = AsyncStream.makeStream(of: Void.self)
                for _ in 0..<EventRoutes.subscribersPerCallerMax {
                    group.addTask {
                        let port = try #require(fixture.client.port)
                        _ = try await exchange(
                            port: port,
                            ["GET /api/v1/events HTTP/1.1\r\nhost: a\r\nauthorization: Bearer \(one)\r\n\r\n"]
                        ) { text in if text.contains("retry:") { beginning.yield() } }
                    }
                }
                var started = begun.makeAsyncIterator()
                for _ in 0..<EventRoutes.subscribersPerCallerMax { await started.next() }
                let refused = try await fixture.send(.get, "/events", token: one)
                #expect(refused.status == 429 && refused.headers[.retryAfter] != nil, "\(refused.text)")
                try await fixture.waitForEvents(status: 200, token: other)
                group.cancelAll()
            }
            // The places are free again once the streams have ended.
            try await fixture.waitForEvents(status: 200, token: one)
        }
    }

    @Test("HEAD of the events tells what GET would, takes no place, and ends")
    func head() async throws {
        try await ShopFixture.run(subscribersMax: 1) { fixture in
            let staff = try await fixture.token(.staff)
            for _ in 0..<3 {
                let head = "HEAD /api/v1/events HTTP/1.1\r\nhost: a\r\nconnection: close\r\n"
                let answer = try await exchange(
                    port: #require(fixture.client.port), [head + "authorization: Bearer \(staff)\r\n\r\n"])
                #expect(answer.hasPrefix("HTTP/1.1 200") && answer.hasSuffix("\r\n\r\n"), "\(answer)")
                #expect(
                    answer.lowercased().contains("text/event-stream") && !answer.lowercased().contains("content-length")
                )
            }
        }
    }

    @Test("a reader that was away for longer than the log is kept is told so, and begins anew")
    func truncated() async throws {
        try await ShopFixture.run(shards: 1, retention: .bytes(0), limits: .hasty) { fixture in
            let staff = try await fixture.token(.staff)
            _ = try await fixture.send(.post, "/products", ProductRouteTests.form("A"), token: staff)
            let first = try await Self.listen(fixture, "?after=0", token: staff) { events, _ in events.count == 1 }
            let place = try #require(first.first).position
            while true {
                _ = try await fixture.send(.post, "/inventory/A/receive", #"{"quantity":1}"#, token: staff)
                _ = try await fixture.send(.post, "/products", ProductRouteTests.form("B"), token: staff)
                if fixture.shop.firstKept > LogIndex(2) { break }
                try await Task.sleep(for: .milliseconds(5))
            }
            let late = try await fixture.send(.get, "/events?after=\(place)", token: staff)
            #expect(late.status == 410 && late.code == "position_expired", "\(late.text)")
            let resumed = try await fixture.send(
                .get, "/events", token: staff, headers: [HTTPField.Name("Last-Event-ID")!: place])
            #expect(resumed.status == 410, "\(resumed.text)")
            let anew = try await Self.listen(fixture, "?after=beginning", token: staff) { events, _ in !events.isEmpty }
            #expect(try #require(anew.first).id != first[0].id)
            // What readers in the shop's own interest needed was there for them.
            let found = try await fixture.send(.get, "/products?q=lamp&in_stock=true")
            #expect(found.status == 200)
            #expect(fixture.shop.prices[SKU("A")!] != nil)
        }
    }

    @Test("a search index that has not seen the log yet holds it")
    func heldBySearch() async throws {
        try await ShopFixture.run(shards: 1, retention: .bytes(0), limits: .hasty, searching: false) { fixture in
            // Until so much is saved that nothing but the index holds the first records.
            while fixture.shop.shards.catalogue.journal.checkpoint <= LogIndex(20) {
                try await fixture.receive(SKU("A")!)
                #expect(fixture.shop.firstKept == LogIndex(1))
                try await Task.sleep(for: .milliseconds(20))
            }
        }
    }

    @Test("positions that are none, or of another shop, are refused; so is whoever is not staff")
    func refused() async throws {
        try await ShopFixture.run { fixture in
            let staff = try await fixture.token(.staff)
            for (query, status, code) in [
                ("after=x", 422, "invalid_fields"), ("types=Nonsense", 422, "invalid_fields"),
                ("nonsense=1", 422, "invalid_fields"),
                ("after=1", 410, "position_expired"), ("after=99-99", 410, "position_expired"),
                ("after=0-0-0", 410, "position_expired"),
                ("after=0-0~2.1", 422, "invalid_fields"), ("after=0-0~000001.1", 422, "invalid_fields"),
                ("after=00000000000000000000", 422, "invalid_fields"),
            ] {
                let reply = try await fixture.send(.get, "/events?\(query)", token: staff)
                #expect(reply.status == status && reply.code == code, "\(query) \(reply.text)")
            }
            let bad = try await fixture.send(
                .get, "/events", token: staff, headers: [HTTPField.Name("Last-Event-ID")!: "x"])
            #expect(bad.status == 400)
            #expect(try await fixture.send(.get, "/events", token: fixture.token(.customer)).status == 403)
            #expect(try await fixture.send(.get, "/events").status == 401)
        }
    }
}

extension Shop {
    /// The first record that the log of the first shard still has.
    var firstKept: LogIndex { shards.catalogue.journal.first }
}

extension ShardLimits {
    /// States are saved at once, so that the log behind them can go.
    static var hasty: ShardLimits {
        var limits = ShardLimits()
        limits.saveLagRecords = 4
        limits.saveLagTicks = 1
        limits.forgetRestTicks = 1
        limits.tickInterval = .milliseconds(10)
        return limits
    }
}

extension ShopFixture {
    fileprivate func receive(_ sku: SKU) async throws {
        _ = try await shop.shards.execute(on: sku.slot, at: Self.now()) { batch throws(Stock.Refusal) in
            try batch.decide(Stock.self, sku, .receive(1, reference: nil))
        }.get()
    }

    fileprivate func create(_ number: UInt64, described text: String) async throws {
        let details = Product.Details(
            title: "T", description: text,
            variants: [Variant(sku: SKU("S\(number)")!, price: Money(amount: 1, currency: .gbp))])
        let id = ProductID(at: Self.now(), random: number << 20)
        _ = try await shop.shards.execute(on: .catalogue, at: Self.now()) { batch throws(Product.Refusal) in
            try batch.decide(Product.self, id, .create(details), isNew: true)
        }.get()
    }

    /// Asks for the events until the answer has this status.
    fileprivate func waitForEvents(status: Int, token: String) async throws {
        let port = try #require(client.port)
        while true {
            let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connect(host: "127.0.0.1", port: port) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                    }
                }
            let answer = try await channel.executeThenClose { inbound, outbound in
                try await outbound.write(
                    ByteBuffer(
                        string: "GET /api/v1/events HTTP/1.1\r\nhost: a\r\nauthorization: Bearer \(token)\r\n\r\n"))
                for try await buffer in inbound { return String(buffer: buffer) }
                return ""
            }
            if answer.hasPrefix("HTTP/1.1 \(status)") { return }
            try await Task.sleep(for: .milliseconds(10))
        }
    }
}
