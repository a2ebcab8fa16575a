import ActorSystem
import Commerce
import EventSourcing

/// Sends the events of one shard to one endpoint until that is told of nothing any more.
///
/// Events leave one after the other. One that is not taken is set aside and sent again by the schedule, while those
/// behind it go on. Where so many are set aside that it must be the endpoint that fails, the next event waits, and is
/// tried again and again, until the endpoint takes it.
struct WebhookLane: Sendable {
    /// What the lanes have in common.
    struct Shared: Sendable {
        let sender: any WebhookSender
        let health: WebhookHealth
        let schedule: WebhookSchedule
        let heldMax: UInt64
        let shards: ShardMap
        let clock: @Sendable () -> Timestamp
        let timer: any Clock<Duration>
        let describe: @Sendable (FeedEvent) -> String

        func move(_ id: WebhookProgressID, _ command: WebhookProgress.Command) async throws {
            _ = try await shards.runWhenAccepted(MoveWebhook(id, command), at: clock, timer: timer)
        }
    }

    /// The endpoint is told of nothing any more.
    struct IsOver: Error {}

    let id: WebhookProgressID
    let since: Timestamp
    let source: Shard
    let board: WebhookBoard
    let shared: Shared
    let feed: EventFeed
    /// A new endpoint begins here at the latest.
    private let latest: LogIndex

    init(
        _ endpoint: WebhookEndpoint, from source: Shard, notPast latest: LogIndex, on board: WebhookBoard,
        _ shared: Shared
    ) {
        id = WebhookProgressID(endpoint: endpoint.id, source: source.id)
        since = endpoint.since
        self.source = source
        self.latest = latest
        self.board = board
        self.shared = shared
        feed = EventFeed(shards: shared.shards)
    }

    func run() async throws {
        do {
            if try await shared.shards.read(WebhookProgress.self, id).state.since != since {
                let beginning = min(latest, try WebhookHold.beginning(of: source, since: since))
                try await shared.move(id, .begin(since: since, after: beginning))
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await sendNew() }
                group.addTask { try await sendAgain() }
                try await group.waitForAll()
            }
        } catch is IsOver {}
    }

    /// As the records of this node make it, which leads the shard.
    func progress() async -> WebhookProgress {
        await source.readCommitted { [id] states in states.read(WebhookProgress.self, id).state }
    }

    /// Looks at the endpoints as their shard's leader knows them. What is recorded after the answer to a change is read
    /// from its log after that, and so judged by what was changed.
    func lookAtEndpoints() async throws {
        board.update(try await shared.shards.read(Webhooks.self, WebhooksID()).state.endpoints)
    }

    /// - Throws: `IsOver`.
    func endpoint() throws -> WebhookEndpoint {
        guard let endpoint = board.endpoint(id.endpoint, since: since) else { throw IsOver() }
        return endpoint
    }

    /// Tries once.
    ///
    /// - Returns: why it was not taken; nil when it was.
    /// - Throws: `IsOver` when the endpoint wants no more.
    func attempt(_ event: FeedEvent) async throws -> WebhookCause? {
        let endpoint = try endpoint()
        let message = WebhookMessage(
            id: "evt_" + event.id.replacing(".", with: "-"), body: shared.describe(event))
        let outcome = try await shared.sender.send(message, to: endpoint)
        shared.health.note(outcome)
        switch outcome {
        case .taken: return nil
        case .failed(let cause): return cause
        case .gone: try await giveUp(endpoint, .gone)
        }
    }

    /// Disables the endpoint, which says so; what it misses is in the feed.
    func giveUp(_ endpoint: WebhookEndpoint, _ fault: WebhookEndpoint.Fault) async throws -> Never {
        let step = ChangeWebhooks(.giveUp(endpoint.id, at: endpoint.settings.url, fault))
        _ = try await shared.shards.runWhenAccepted(step, at: shared.clock, timer: shared.timer)
        throw IsOver()
    }

    func pause(after failures: Int) -> Duration? {
        var generator = SystemRandomNumberGenerator()
        return shared.schedule.pause(after: failures, using: &generator)
    }
}
