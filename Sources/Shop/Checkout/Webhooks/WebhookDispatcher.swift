import ActorSystem
import Commerce
import EventSourcing

/// Follows the logs and sends every event to the endpoints that want it: at least once, under an id that never
/// changes, those of one shard in their order.
///
/// Each endpoint has a lane of its own, which waits for nothing but its endpoint. The position in the log is that of
/// the lane that is furthest behind: a next leader begins there, and sends what the others have once more.
public struct WebhookDispatcher: LeaderDuty {
    /// Of silent records, after which the position is written for its own sake.
    static let silentRecordsMax: UInt64 = 4_096
    /// Between two looks at the endpoints, and two positions: few are written, and a new endpoint waits for no longer.
    static let pause = Duration.milliseconds(250)

    private let lanes: WebhookLane.Shared
    private let shards: ShardMap
    private let floors: RetentionFloors
    private let clock: @Sendable () -> Timestamp
    private let timer: any Clock<Duration>

    public init(
        _ sender: any WebhookSender, health: WebhookHealth, schedule: WebhookSchedule, shards: ShardMap,
        floors: RetentionFloors, clock: @escaping @Sendable () -> Timestamp,
        timer: any Clock<Duration> = ContinuousClock()
    ) {
        self.shards = shards
        self.floors = floors
        self.clock = clock
        self.timer = timer
        lanes = WebhookLane.Shared(
            sender: sender, health: health, schedule: schedule, shards: shards, clock: clock, timer: timer)
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
        var written = try await position(in: source)
        var position = max(written, LogIndex(source.journal.first.rawValue - 1))
        floors.advance(.webhooks, source, to: position)
        // A lane that fails ends the others, and the duty begins again.
        try await withThrowingDiscardingTaskGroup { group in
            while true {
                // Read before the endpoints: what is recorded after one was made is not passed over.
                let (end, looked) = (source.journal.committed, shards.catalogue.journal.committed)
                let endpoints = try await shards.read(Webhooks.self, WebhooksID()).state.endpoints
                for endpoint in board.take(endpoints, from: position) {
                    let lane = WebhookLane(endpoint, from: source, on: board, lanes)
                    group.addTask { try await lane.run() }
                }
                position = max(position, board.progress(upTo: end))
                floors.advance(.webhooks, source, to: position)
                let isLongSilent = position.rawValue - written.rawValue >= Self.silentRecordsMax
                if position > written, isLongSilent || board.takeHasSent(), try await mark(position, of: source) {
                    written = position
                }
                repeat {
                    try await timer.sleep(for: Self.pause)
                } while source.journal.committed == end && shards.catalogue.journal.committed == looked
                    && board.progress(upTo: end) <= position
            }
        }
    }

    /// Writes the position.
    ///
    /// - Returns: false in a cluster of an older version, which has no endpoints.
    private func mark(_ position: LogIndex, of source: Shard) async throws -> Bool {
        do {
            _ = try await shards.runWhenAccepted(
                MarkSent(shard: source.id, last: position), at: clock, timer: timer)
            return true
        } catch ExecutionFailure.refused(.newerThanCluster) {
            return false
        }
    }

    /// The leader is asked: a position that lags would have events sent once more.
    private func position(in source: Shard) async throws -> LogIndex {
        let id = ConsumerPositionID(.webhooks, of: source.id, on: source.id)
        return try await shards.read(ConsumerPosition.self, id).state.position
    }
}
