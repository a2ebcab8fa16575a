import Checkout
import Commerce
import EventSourcing
import Foundation
import HTTPTypes
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import Gateway

@Suite("Events over Server-Sent Events", .timeLimit(.minutes(5)))
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
        _ fixture: ShopFixture, _ query: String, token: String, last: String? = nil, isEnough: @Sendable ([Event], String) -> Bool
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
            #expect(placed.json["specversion"] as? String == "1.0" && placed.json["subject"] as? String == order.string("id"))
            #expect(Set(all.map(\.id)).count == all.count)

            let filtered = try await Self.listen(fixture, "?after=0&types=StockReceived,OrderPlaced", token: staff) { events, _ in
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
                #expect(Set(rest.map(\.id)) == ids.subtracting(seen) && rest.count == ids.count - seen.count, "\(event.position)")
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
            _ = try await fixture.send(.post, "/auth/refresh", #"{"refresh_token":"\#(login.string("refresh_token"))"}"#)
            let seen = Mutex("")
            let events = try await Self.listen(fixture, "?after=0", token: staff) { events, text in
                seen.withLock { $0 = text }
                return events.contains { $0.type == "SessionOpened" }
            }
            let text = seen.withLock { $0 }
            #expect(events.contains { $0.type == "AccountRegistered" && $0.data["email"] as? String == "ann@example.org" })
            #expect(!text.contains("scrypt") && !text.contains("horse") && !text.contains(login.string("refresh_token")))
        }
    }

    @Test("positions that are none, or of another shop, are refused; so is whoever is not staff")
    func refused() async throws {
        try await ShopFixture.run { fixture in
            let staff = try await fixture.token(.staff)
            for (query, status, code) in [
                ("after=x", 422, "invalid_fields"), ("types=Nonsense", 422, "invalid_fields"), ("nonsense=1", 422, "invalid_fields"),
                ("after=1", 410, "position_expired"), ("after=99-99", 410, "position_expired"), ("after=0-0-0", 410, "position_expired"),
                ("after=0-0~2.1", 422, "invalid_fields"),
            ] {
                let reply = try await fixture.send(.get, "/events?\(query)", token: staff)
                #expect(reply.status == status && reply.code == code, "\(query) \(reply.text)")
            }
            let bad = try await fixture.send(.get, "/events", token: staff, headers: [HTTPField.Name("Last-Event-ID")!: "x"])
            #expect(bad.status == 400)
            #expect(try await fixture.send(.get, "/events", token: fixture.token(.customer)).status == 403)
            #expect(try await fixture.send(.get, "/events").status == 401)
        }
    }
}
