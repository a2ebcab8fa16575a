import ActorSystem
import Commerce
import EventSourcing

/// Sends the events of one shard to one endpoint, one after the other, until the endpoint is not as it was.
struct WebhookLane: Sendable {
    /// What the lanes have in common.
    struct Shared: Sendable {
        let sender: any WebhookSender
        let health: WebhookHealth
        let schedule: WebhookSchedule
        let shards: ShardMap
        let clock: @Sendable () -> Timestamp
        let timer: any Clock<Duration>
    }

    /// What a next leader sends once more at most, and what waits in memory.
    private static let limits = LogFollower.Limits(recordsMax: 64, bytesMax: 256 << 10)
    /// How soon a lane that waits to try again notices that its endpoint is another.
    private static let askInterval = Duration.milliseconds(250)

    private let endpoint: WebhookEndpoint
    private let source: Shard
    private let board: WebhookBoard
    private let shared: Shared
    private let feed: EventFeed

    init(_ endpoint: WebhookEndpoint, from source: Shard, on board: WebhookBoard, _ shared: Shared) {
        self.endpoint = endpoint
        self.source = source
        self.board = board
        self.shared = shared
        feed = EventFeed(shards: shared.shards)
    }

    private struct IsOver: Error {}

    func run() async throws {
        let log = LogFollower(of: source, limits: Self.limits)
        do {
            try await log.follow { _ in
                guard let seen = board.seen(by: endpoint) else { throw IsOver() }
                return max(seen, LogIndex(source.journal.first.rawValue - 1))
            } _: { stretch in
                guard board.isCurrent(endpoint) else { throw IsOver() }
                let wanted = try await feed.events(in: stretch.records, of: source).filter(isWanted)
                for event in wanted { try await deliver(event) }
                board.advance(endpoint, to: stretch.last, hasSent: !wanted.isEmpty)
            }
        } catch is IsOver {}
    }

    private func isWanted(_ event: FeedEvent) -> Bool {
        let types = endpoint.settings.types
        return event.time >= endpoint.since && (types.isEmpty || types.contains(event.name.description))
    }

    /// - Throws: `IsOver` when the endpoint is not to be told any more, or not as it was.
    private func deliver(_ event: FeedEvent) async throws {
        let lane = WebhookHealth.Lane(shard: source.id, endpoint: endpoint.id)
        shared.health.begins(event, on: lane)
        defer { shared.health.ends(on: lane) }
        var failures = 0
        while board.isCurrent(endpoint) {
            let outcome = try await shared.sender.send(event, to: endpoint)
            shared.health.note(outcome)
            switch outcome {
            case .taken: return
            case .gone: try await giveUp(.gone)
            case .failed:
                failures += 1
                var generator = SystemRandomNumberGenerator()
                guard let pause = shared.schedule.pause(after: failures, using: &generator) else {
                    try await giveUp(.failing)
                }
                try await rest(for: pause)
            }
        }
        throw IsOver()
    }

    private func rest(for pause: Duration) async throws {
        var left = pause
        while left > .zero, board.isCurrent(endpoint) {
            let part = min(left, Self.askInterval)
            try await shared.timer.sleep(for: part)
            left -= part
        }
    }

    /// Disables the endpoint, which says so; what it misses is in the feed.
    private func giveUp(_ fault: WebhookEndpoint.Fault) async throws -> Never {
        let step = ChangeWebhooks(.giveUp(endpoint.id, at: endpoint.settings.url, fault))
        _ = try await shared.shards.runWhenAccepted(step, at: shared.clock, timer: shared.timer)
        throw IsOver()
    }
}
