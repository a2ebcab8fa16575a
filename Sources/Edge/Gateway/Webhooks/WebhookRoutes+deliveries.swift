import Checkout
import Commerce
import EventSourcing
import HTTPTypes
import Hummingbird
import Schema

/// What an endpoint has not taken, and the trying of it.
extension WebhookRoutes {
    /// What is sent again, and what has failed.
    func deliveries(_ context: GatewayContext) async throws -> Response {
        let id = try context.parameter("id") { WebhookID($0) }
        _ = try await endpoint(id)
        let all = try await progress(of: id)
        var json = JSONWriter()
        json.object { json in
            json.array("data") { json in
                for progress in all {
                    json.values(progress.aside, of: progress.id.source, areAside: true)
                    json.values(progress.failed, of: progress.id.source, areAside: false)
                }
            }
        }
        return Response(json: json)
    }

    private func progress(of id: WebhookID) async throws -> [WebhookProgress] {
        var all: [WebhookProgress] = []
        for shard in shop.shards.shards {
            let progress = WebhookProgressID(endpoint: id, source: shard.id)
            all.append(try await shop.shards.read(WebhookProgress.self, progress).state)
        }
        return all
    }

    /// Has what has failed sent again, all of it or one event.
    func replay(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let id = try context.parameter("id") { WebhookID($0) }
        let wanted = try await request.decode(context) { body -> EventChoice? in EventChoice(&body) }
        guard try await endpoint(id).settings.isEnabled else {
            throw Problem(.conflict, "The endpoint is disabled: it is told of nothing.")
        }
        let actor = try context.requirePrincipal().actor
        var replayed = 0
        for progress in try await progress(of: id) {
            let places = progress.failed.map(\.place).filter { wanted.contains($0, of: progress.id.source) }
            guard !places.isEmpty else { continue }
            _ = try await shop.run(MoveWebhook(progress.id, .replay(places)), by: actor)
            replayed += places.count
        }
        guard replayed > 0 || wanted.event == nil else { throw Problem(.notFound) }
        var json = JSONWriter()
        json.object { $0.field("replayed", replayed) }
        return Response(status: .accepted, json: json)
    }

    /// Sends an event that is none of the shop's, once and now.
    func test(_ context: GatewayContext) async throws -> Response {
        let endpoint = try await endpoint(try context.parameter("id") { WebhookID($0) })
        let id = "test-\(shop.random())"
        var body = JSONWriter()
        body.object { json in
            json.field("specversion", "1.0")
            json.field("id", id)
            json.field("source", CloudEvent.source)
            json.field("type", "WebhookTest")
            json.field("subject", endpoint.id)
            json.field("time", shop.clock())
        }
        let message = WebhookMessage(id: "evt_\(id)", body: String(decoding: body.bytes, as: UTF8.self))
        let cause: WebhookCause? =
            switch try await access.sender.send(message, to: endpoint) {
            case .taken: nil
            case .gone: WebhookCause(rawValue: 410)
            case .failed(let cause): cause
            }
        var json = JSONWriter()
        json.object { json in
            json.field("taken", cause == nil)
            json.fields(of: cause)
        }
        return Response(json: json)
    }
}

/// Which of the events that have failed are meant.
private struct EventChoice {
    /// nil for all of them.
    let event: (shard: ShardID, place: EventPlace)?

    /// - Returns: nil when an error has been noted.
    init?(_ body: inout ObjectReader) {
        event = body.optionalValue("event", length: 1...64, FieldForm.delivery) { EventPlace.find($0) }
    }

    func contains(_ place: EventPlace, of shard: ShardID) -> Bool {
        event.map { $0.shard == shard && $0.place == place } ?? true
    }
}

extension JSONWriter {
    /// The oldest first.
    fileprivate mutating func values(_ deliveries: [WebhookDelivery], of shard: ShardID, areAside: Bool) {
        for delivery in deliveries.sorted(by: { $0.place < $1.place }) { value(delivery, of: shard, isAside: areAside) }
    }

    private mutating func value(_ delivery: WebhookDelivery, of shard: ShardID, isAside: Bool) {
        object { json in
            json.field("event", delivery.place.id(of: shard))
            json.field("type", delivery.name)
            json.field("state", isAside ? "waiting" : "failed")
            json.field("attempts", delivery.attempts)
            json.field("first_at", delivery.firstAt)
            json.field("due_at", isAside ? delivery.dueAt : nil)
            json.fields(of: delivery.cause)
        }
    }

    fileprivate mutating func fields(of cause: WebhookCause?) {
        field("cause", cause?.publicCode)
        field("status", cause?.status.map(Int64.init))
    }
}

extension WebhookProgress.Refusal: ProblemConvertible {
    public var problem: Problem {
        switch self {
        // The leaders of the logs look at endpoints several times a second.
        case .ended: Problem(.overloaded, "The endpoint is not told of anything yet.").retry(after: .seconds(1))
        }
    }
}
