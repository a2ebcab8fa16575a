import Checkout
import Commerce
import EventSourcing
import HTTPTypes
import Synchronization
import Testing

@testable import Gateway

@Suite("Webhooks over HTTP", .timeLimit(.minutes(10)))
struct WebhookRouteTests {
    private static let path = "/webhooks"
    private static let form = #"{"url":"https://hooks.example/in","types":["OrderPlaced"],"description":"books"}"#

    @Test("an endpoint is made with a secret that is told once, found, changed and removed")
    func life() async throws {
        try await ShopFixture.run(shards: 2) { fixture in
            let token = try await fixture.token(.admin)
            let made = try await fixture.send(.post, Self.path, Self.form, token: token)
            #expect(made.status == 201 && made.string("secret").hasPrefix("whsec_"), "\(made.text)")
            #expect(made.headers[.cacheControl] == "no-store")
            let one = "\(Self.path)/\(made.string("id"))"
            #expect(made.headers[.location] == "/api/v1" + one)
            let found = try await fixture.send(.get, one, token: token)
            #expect(found.status == 200 && found.string("url") == "https://hooks.example/in")
            #expect(!found.text.contains("whsec_"))
            let list = try await fixture.send(.get, Self.path, token: token)
            #expect(list.data.count == 1 && !list.text.contains("whsec_"))
            let changed = try await fixture.send(.patch, one, #"{"enabled":false}"#, token: token)
            #expect(changed.json["enabled"] as? Bool == false && changed.string("description") == "books")
            #expect(try await fixture.send(.delete, one, token: token).status == 204)
            for method in [.get, .delete] as [HTTPRequest.Method] {
                #expect(try await fixture.send(method, one, token: token).status == 404)
            }
            #expect(try await fixture.send(.patch, one, "{}", token: token).status == 404)
            #expect(try await fixture.send(.post, one + "/rotate-secret", token: token).status == 404)
        }
    }

    @Test("one key is one endpoint, told again with its secret; with another body it is refused", arguments: [1, 2])
    func keys(shards: Int) async throws {
        try await ShopFixture.run(shards: shards) { fixture in
            let token = try await fixture.token(.admin)
            func add(_ form: String, key: String) async throws -> Reply {
                try await fixture.send(.post, Self.path, form, token: token, headers: [.idempotencyKey: key])
            }
            let made = try await add(Self.form, key: "one")
            #expect(made.status == 201 && made.headers[.idempotentReplayed] == nil, "\(made.text)")
            let again = try await add(Self.form, key: "one")
            #expect(again.status == 201 && again.headers[.idempotentReplayed] == "true" && again.text == made.text)
            #expect(again.headers[.location] == made.headers[.location])
            #expect(again.headers[.cacheControl] == "no-store")
            let other = try await add(#"{"url":"https://hooks.example/other"}"#, key: "one")
            #expect(other.status == 422 && other.code == "idempotency_key_reused", "\(other.text)")
            #expect(try await fixture.send(.get, Self.path, token: token).data.count == 1)
            for number in 1..<Webhooks.endpointsMax {
                #expect(try await add(Self.form, key: "more-\(number)").status == 201)
            }
            #expect(try await add(Self.form, key: "late").code == "conflict")
            _ = try await fixture.send(.delete, "\(Self.path)/\(made.string("id"))", token: token)
            // A refusal holds as an effect does, and what was made is gone.
            #expect(try await add(Self.form, key: "late").code == "conflict")
            #expect(try await add(Self.form, key: "one").status == 404)
        }
    }

    @Test("a secret is replaced by another, and says how long both sign")
    func rotation() async throws {
        try await ShopFixture.run(shards: 1) { fixture in
            let token = try await fixture.token(.admin)
            let made = try await fixture.send(.post, Self.path, Self.form, token: token)
            #expect(made.json["previous_secret_until"] is String == false)
            let path = "\(Self.path)/\(made.string("id"))/rotate-secret"
            let rotated = try await fixture.send(.post, path, token: token)
            #expect(rotated.status == 200 && rotated.string("secret").hasPrefix("whsec_"))
            #expect(rotated.string("secret") != made.string("secret"))
            #expect(!rotated.string("previous_secret_until").isEmpty)
        }
    }

    @Test("a rotation that is asked for again under its key ends no secret", arguments: [1, 2])
    func rotationUnderKey(shards: Int) async throws {
        try await ShopFixture.run(shards: shards) { fixture in
            let token = try await fixture.token(.admin)
            func rotate(_ id: String, key: String) async throws -> Reply {
                try await fixture.send(
                    .post, "\(Self.path)/\(id)/rotate-secret", token: token, headers: [.idempotencyKey: key])
            }
            let made = try await fixture.send(.post, Self.path, Self.form, token: token)
            let rotated = try await rotate(made.string("id"), key: "one")
            #expect(rotated.status == 200 && rotated.headers[.idempotentReplayed] == nil, "\(rotated.text)")
            let again = try await rotate(made.string("id"), key: "one")
            #expect(again.status == 200 && again.headers[.idempotentReplayed] == "true" && again.text == rotated.text)
            #expect(again.headers[.cacheControl] == "no-store")
            let next = try await rotate(made.string("id"), key: "two")
            #expect(next.string("secret") != rotated.string("secret") && next.headers[.idempotentReplayed] == nil)
            // A key is one endpoint's: another's rotation is another request.
            let other = try await fixture.send(.post, Self.path, Self.form, token: token)
            #expect(try await rotate(other.string("id"), key: "one").string("secret") != other.string("secret"))
            _ = try await fixture.send(.delete, "\(Self.path)/\(made.string("id"))", token: token)
            #expect(try await rotate(made.string("id"), key: "one").status == 404)
            #expect(try await rotate(made.string("id"), key: "three").status == 404)
        }
    }

    @Test("addresses that are none of https, names of no event and more than the limit are refused")
    func refusals() async throws {
        try await ShopFixture.run(shards: 1) { fixture in
            let token = try await fixture.token(.admin)
            let bad = [
                (#"{}"#, "/url"),
                (#"{"url":"http://hooks.example/","types":["OrderPlaced"],"description":"books"}"#, "/url"),
                (#"{"url":"https://a@hooks.example/"}"#, "/url"),
                (#"{"url":"https://hooks.example/","types":["OrderPlaced","OrderEaten"]}"#, "/types/1"),
                (#"{"url":"https://hooks.example/","secret":"mine"}"#, "/secret"),
                (#"{"url":"https://10.0.0.7/in"}"#, "/url"),
                (#"{"url":"https://localhost:8443/"}"#, "/url"),
                (#"{"url":"https://hooks.example/","description":"a\u0000b"}"#, "/description"),
            ]
            for (form, pointer) in bad {
                let refused = try await fixture.send(.post, Self.path, form, token: token)
                let pointers = (refused.json["errors"] as? [[String: Any]])?.map { $0["pointer"] as? String }
                #expect(refused.status == 422 && pointers == [pointer], "\(refused.text)")
            }
            for _ in 0..<Webhooks.endpointsMax {
                #expect(try await fixture.send(.post, Self.path, Self.form, token: token).status == 201)
            }
            #expect(try await fixture.send(.post, Self.path, Self.form, token: token).code == "conflict")
        }
    }

    @Test("what has failed is listed, and sent again one by one or all of it, while the endpoint is enabled")
    func failures() async throws {
        try await ShopFixture.run(shards: 2) { fixture in
            let token = try await fixture.token(.admin)
            let made = try await fixture.send(.post, Self.path, Self.form, token: token)
            let one = "\(Self.path)/\(made.string("id"))"
            let id = try #require(WebhookID(made.string("id")))
            #expect(try await fixture.send(.get, one + "/deliveries", token: token).data.isEmpty)
            for shard in fixture.shop.shards.shards { try await Self.fail([8, 7], of: id, on: shard.id, fixture) }
            let listed = try await fixture.send(.get, one + "/deliveries", token: token).data
            #expect(listed.compactMap { $0["event"] as? String } == ["0.7.1", "0.8.1", "1.7.1", "1.8.1"])
            let first = try #require(listed.first)
            #expect(first["state"] as? String == "failed" && first["type"] as? String == "OrderPlaced")
            #expect(first["attempts"] as? Int == 2 && first["due_at"] as? String == nil)
            #expect(first["cause"] as? String == "status" && first["status"] as? Int == 503)
            func replay(_ form: String) async throws -> Reply {
                try await fixture.send(.post, one + "/replay", form, token: token)
            }
            #expect(try await replay(#"{"event":"1.7.1"}"#).json["replayed"] as? Int == 1)
            for unknown in ["0.9.1", "1.7.1", "5.7.1"] {
                #expect(try await replay(#"{"event":"\#(unknown)"}"#).status == 404)
            }
            #expect(try await replay(#"{"event":"7"}"#).status == 422)
            let replayed = try await replay("{}")
            #expect(replayed.status == 202 && replayed.json["replayed"] as? Int == 3)
            let waiting = try await fixture.send(.get, one + "/deliveries", token: token).data
            #expect(waiting.allSatisfy { $0["state"] as? String == "waiting" && $0["due_at"] is String })
            #expect(try await replay("{}").json["replayed"] as? Int == 0)
            _ = try await fixture.send(.patch, one, #"{"enabled":false}"#, token: token)
            #expect(try await replay("{}").code == "conflict")
            for shard in fixture.shop.shards.shards {
                let progress = WebhookProgressID(endpoint: id, source: shard.id)
                _ = try await fixture.shop.run(MoveWebhook(progress, .end), by: nil)
            }
            _ = try await fixture.send(.patch, one, #"{"enabled":true}"#, token: token)
            #expect(try await replay("{}").code == "overloaded", "no leader has begun with it yet")
        }
    }

    /// Has events of an endpoint fail.
    static func fail(_ indices: [UInt64], of id: WebhookID, on shard: ShardID, _ fixture: ShopFixture) async throws {
        let progress = WebhookProgressID(endpoint: id, source: shard)
        let deliveries = indices.map { index in
            WebhookDelivery(
                place: EventPlace(index: LogIndex(index), number: 1), name: "OrderPlaced", firstAt: .zero, attempts: 1,
                dueAt: .zero, cause: WebhookCause(rawValue: 503))
        }
        let end = LogIndex(100)
        let commands: [WebhookProgress.Command] =
            [
                .begin(since: .zero, after: .zero),
                .advance(since: .zero, to: end, isTaken: false, aside: deliveries),
            ] + deliveries.map { .fail($0.place, $0.cause) }
        for command in commands { _ = try await fixture.shop.run(MoveWebhook(progress, command), by: nil) }
    }

    @Test("a test event is sent at once, and the answer says what came of it")
    func test() async throws {
        let sender = RecordingWebhookSender()
        try await ShopFixture.run(shards: 1, webhooks: sender) { fixture in
            let token = try await fixture.token(.admin)
            let made = try await fixture.send(.post, Self.path, Self.form, token: token)
            let path = "\(Self.path)/\(made.string("id"))/test"
            let taken = try await fixture.send(.post, path, token: token)
            #expect(taken.status == 200 && taken.json["taken"] as? Bool == true, "\(taken.text)")
            let sent = sender.sent.withLock { $0 }
            #expect(sent.count == 1 && sent[0].id.hasPrefix("evt_test-"))
            #expect(sent[0].body.contains(#""type":"WebhookTest""#))
            sender.outcome.withLock { $0 = .failed(.address) }
            #expect(try await fixture.send(.post, path, token: token).json["cause"] as? String == "address")
            sender.outcome.withLock { $0 = .gone }
            let gone = try await fixture.send(.post, path, token: token)
            #expect(gone.json["taken"] as? Bool == false && gone.json["status"] as? Int == 410)
            // It is no event of the shop: the endpoint is as it was.
            let one = "\(Self.path)/\(made.string("id"))"
            #expect(try await fixture.send(.get, one, token: token).json["enabled"] as? Bool == true)
        }
    }
}

/// Answers as it is told to.
private final class RecordingWebhookSender: WebhookSender {
    let outcome = Mutex(WebhookOutcome.taken)
    let sent = Mutex<[WebhookMessage]>([])

    func send(_ message: WebhookMessage, to _: WebhookEndpoint) async throws -> WebhookOutcome {
        sent.withLock { $0.append(message) }
        return outcome.withLock { $0 }
    }
}

/// Sends nothing.
struct SilentWebhookSender: WebhookSender {
    func send(_: WebhookMessage, to _: WebhookEndpoint) async throws -> WebhookOutcome { .failed(.unanswered) }
}
