import Accounts
import Checkout
import Commerce
import EventSourcing
import HTTPTypes
import Hummingbird
import NIOCore
import Schema
import Synchronization

/// `/api/v1/events`: committed events as they come, over Server-Sent Events.
/// https://html.spec.whatwg.org/multipage/server-sent-events.html
public struct EventRoutes: Sendable {
    private let feed: EventFeed
    private let clock: @Sendable () -> Timestamp
    private let subscribers: Subscribers
    private let heartbeat: Duration
    private let ended: EndedSessions
    private let stop: StopSignal

    /// Each reads every shard's log for itself; a bus between systems has a handful.
    public static let subscribersDefault = 64
    /// Of which one account may have so many: a bus, its spare, and a few people who look. No account takes all places.
    static let subscribersPerCallerMax = 8

    /// - Parameters:
    ///   - ended: sessions whose streams end with them.
    ///   - stop: ends all of them.
    init(
        feed: EventFeed, heartbeat: Duration, subscribersMax: Int, ended: EndedSessions,
        stop: StopSignal, clock: @escaping @Sendable () -> Timestamp
    ) {
        self.ended = ended
        self.stop = stop
        self.feed = feed
        self.heartbeat = heartbeat
        subscribers = Subscribers(max: subscribersMax)
        self.clock = clock
    }

    func add(to routes: GatewayRoutes) {
        routes.get("/api/v1/events", .staff) { request, context in try await follow(request, context) }
    }

    private func follow(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let principal = try context.requirePrincipal()
        let query = try EventQuery.read(request)
        let start = try await position(of: query.after)
        let subscription = try subscribers.subscribe(principal.subject)
        let (feed, clock, heartbeat, types, ended, stop) = (feed, clock, heartbeat, query.types, ended, stop)
        let channel = context.channel
        channel.closeFuture.whenComplete { [weak subscription] _ in subscription?.end() }
        return Response(
            status: .ok, headers: [.contentType: "text/event-stream", .cacheControl: "no-store"],
            body: ResponseBody { writer in
                // Held for as long as the body is written, however that ends.
                defer { subscription.end() }
                try await writer.write(EventFrame.opening(start))
                try await feed.follow(
                    after: start, types: types, idleAfter: heartbeat, until: stop.wait,
                    // The token says who may listen, and says so until it or its session ends; the client comes back
                    // with a new one.
                    while: { clock() < principal.expiresAt && !ended.refuses(principal) && channel.isActive }
                ) { step in
                    switch step {
                    case .events(let events): try await writer.write(EventFrame.events(events))
                    case .idle(let position): try await writer.write(EventFrame.heartbeat(position))
                    }
                }
                try await writer.finish(nil)
            })
    }

    private func position(of start: EventQuery.Start) async throws -> FeedPosition {
        switch start {
        case .now: return feed.end
        case .beginning: return feed.beginning
        case .after(let position):
            do {
                try await feed.reach(position, at: clock())
            } catch FeedFailure.positionExpired {
                throw Problem(.positionExpired)
            } catch FeedFailure.behind {
                throw Problem(.notReady, "This node is behind that position.").retry(after: .seconds(1))
            }
            return position
        }
    }
}

/// How many are listening, in all and for each account.
private final class Subscribers: Sendable {
    private let counts = Mutex<[String: Int]>([:])
    private let count = Atomic<Int>(0)
    private let max: Int

    init(max: Int) { self.max = max }

    /// One listener, until it ends or is held no longer.
    final class Subscription: Sendable {
        private let subscribers: Subscribers
        private let caller: String
        private let hasEnded = Atomic<Bool>(false)

        fileprivate init(_ subscribers: Subscribers, _ caller: String) {
            self.subscribers = subscribers
            self.caller = caller
        }

        /// Gives the place back, once.
        func end() {
            if !hasEnded.exchange(true, ordering: .relaxed) { subscribers.leave(caller) }
        }

        deinit { end() }
    }

    /// - Throws: 429 when the caller has as many as one may have, 503 when all places are taken.
    func subscribe(_ caller: String) throws(Problem) -> Subscription {
        let isRoom = counts.withLock { counts in
            guard counts[caller, default: 0] < EventRoutes.subscribersPerCallerMax else { return false }
            counts[caller, default: 0] += 1
            return true
        }
        guard isRoom else {
            throw Problem(.rateLimited, "\(EventRoutes.subscribersPerCallerMax) streams of one account are the limit.")
                .retry(after: .seconds(10))
        }
        let subscription = Subscription(self, caller)
        guard count.add(1, ordering: .relaxed).newValue <= max else {
            throw Problem(.overloaded, "\(max) are reading the events, which is the limit.").retry(after: .seconds(10))
        }
        return subscription
    }

    private func leave(_ caller: String) {
        count.subtract(1, ordering: .relaxed)
        counts.withLock { counts in
            guard let count = counts[caller] else { return }
            counts[caller] = count > 1 ? count - 1 : nil
        }
    }
}

/// The query of `GET /events`, and where its header field says that a client left off.
struct EventQuery {
    enum Start {
        case now, beginning
        case after(FeedPosition)
    }

    let after: Start
    /// Nil for all.
    let types: Set<EventName>?

    static func read(_ request: Request) throws -> EventQuery {
        // A client that comes back sends the query that it began with; what it has seen since counts.
        let last = try request.headers[.lastEventID].map { text throws(Problem) -> Start in
            guard let start = start(text) else { throw Problem(.malformedRequest, "Last-Event-ID is none of ours.") }
            return start
        }
        return try QueryReader.read(request) { query in
            let after = query.value("after", "must be the id of an event as the stream gave it, beginning or 0", start)
            let types = query.value("types", FieldForm.eventNames, readTypes)
            return EventQuery(after: last ?? after ?? .now, types: types)
        }
    }

    private static func start(_ text: String) -> Start? {
        if text == "beginning" || text == "0" { return .beginning }
        return FeedPosition(text).map { .after($0) }
    }

    private static func readTypes(_ text: String) -> Set<EventName>? {
        let types = text.split(separator: ",").map { EventName(String($0)) }
        return types.isEmpty || types.contains(nil) ? nil : Set(types.compactMap { $0 })
    }
}

/// Events as lines of a stream.
enum EventFrame {
    /// Tells the client where it begins, and to come back after a second.
    static func opening(_ position: FeedPosition) -> ByteBuffer {
        ByteBuffer(string: "retry: 1000\nid: \(position)\n\n")
    }

    /// A comment keeps the connection open; the id moves on past events that this client does not want.
    static func heartbeat(_ position: FeedPosition) -> ByteBuffer {
        ByteBuffer(string: ": heartbeat\nid: \(position)\n\n")
    }

    static func events(_ events: [FeedEvent]) -> ByteBuffer {
        var buffer = ByteBuffer()
        for event in events {
            var json = JSONWriter(capacity: 512)
            CloudEvent(event: event).write(to: &json)
            buffer.writeString("id: \(event.position)\nevent: \(event.name)\ndata: ")
            // Our JSON has no line break, so that one line holds it.
            buffer.writeBytes(json.bytes)
            buffer.writeString("\n\n")
        }
        return buffer
    }
}

extension HTTPField.Name {
    fileprivate static let lastEventID = Self("Last-Event-ID")!
}
