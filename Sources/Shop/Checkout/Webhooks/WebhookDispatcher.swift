import ActorSystem
import Commerce
import EventSourcing

/// Follows the logs and sends every event to the endpoints that want it: at least once, under an id that never
/// changes.
///
/// Each endpoint has a lane of its own, which waits for nothing but its endpoint, and whose progress stands in the log
/// that it reads: the next leader goes on there, attempts included.
public struct WebhookDispatcher: LeaderDuty {
    /// Between two looks at the endpoints.
    static let pause = Duration.milliseconds(250)

    private let lanes: WebhookLane.Shared
    private let shards: ShardMap
    private let floors: RetentionFloors

    /// - Parameters:
    ///   - heldMax: records of a shard that are kept for an endpoint.
    ///   - describe: an event as an object of JSON.
    ///   - timer: measures pauses.
    public init(
        _ sender: any WebhookSender, health: WebhookHealth, schedule: WebhookSchedule, shards: ShardMap,
        floors: RetentionFloors, heldMax: UInt64 = WebhookHold.recordsMax, clock: @escaping @Sendable () -> Timestamp,
        timer: any Clock<Duration> = ContinuousClock(), describe: @escaping @Sendable (FeedEvent) -> String
    ) {
        self.shards = shards
        self.floors = floors
        lanes = WebhookLane.Shared(
            sender: sender, health: health, schedule: schedule, heldMax: heldMax, shards: shards, clock: clock,
            timer: timer, describe: describe)
        for shard in shards.shards { floors.hold(.webhooks, shard) }
    }

    /// Sends the events of one shard.
    public func perform(on source: Shard) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await dispatch(from: source) }
            // The journal ends with its node.
            group.addTask { for await _ in source.journal.commits() {} }
            try await group.next()
            group.cancelAll()
        }
    }

    private func dispatch(from source: Shard) async throws {
        let board = WebhookBoard()
        var known: Set<WebhookID> = []
        // A lane that fails ends the others, and the duty begins again.
        try await withThrowingDiscardingTaskGroup { group in
            while true {
                // Read before the endpoints: what is recorded after one was made is not passed over.
                let (end, looked) = (source.journal.committed, shards.catalogue.journal.committed)
                let endpoints = try await shards.read(Webhooks.self, WebhooksID()).state.endpoints
                for endpoint in board.take(endpoints) {
                    let lane = WebhookLane(endpoint, from: source, notPast: end, on: board, lanes)
                    group.addTask { try await lane.run() }
                }
                for id in known.union(endpoints.map(\.id)) { try await endUnlessTold(id, endpoints, source) }
                known = Set(endpoints.map(\.id))
                try await hold(source, for: endpoints)
                repeat {
                    try await lanes.timer.sleep(for: Self.pause)
                } while source.journal.committed == end && shards.catalogue.journal.committed == looked
            }
        }
    }

    /// What an endpoint that is told of nothing any more has not taken has failed.
    private func endUnlessTold(_ id: WebhookID, _ endpoints: [WebhookEndpoint], _ source: Shard) async throws {
        guard !endpoints.contains(where: { $0.id == id && $0.settings.isEnabled }) else { return }
        let progress = WebhookProgressID(endpoint: id, source: source.id)
        let isTold = await source.readCommitted { $0.read(WebhookProgress.self, progress).state.since != nil }
        if isTold { try await lanes.move(progress, .end) }
        lanes.health.note([], of: progress)
    }

    private func hold(_ source: Shard, for endpoints: [WebhookEndpoint]) async throws {
        if let end = try await WebhookHold.end(of: source, for: endpoints, recordsMax: lanes.heldMax) {
            floors.advance(.webhooks, source, to: end)
        } else {
            floors.letGo(.webhooks, source)
        }
    }
}
