import ActorSystem
import Commerce
import EventSourcing
import Schema

/// Follows the logs and tells a bus of every public event: at least once, under an id that never changes.
///
/// The position is written once a stretch is with the bus, so that the next leader begins with what may be missing
/// there. A bus that does not answer holds back its own log and nothing else.
public struct EventPublisher: LeaderDuty {
    /// So that what is under way fits in some megabytes, however long the events are in their public form.
    static let limits = LogConsumer.Limits(
        recordsPerStepMax: 1_024, bytesPerStepMax: 512 << 10, silentRecordsMax: 4_096)
    /// Between two stretches, so that a busy shop writes few positions, and an event is seldom late.
    public static let pauseDefault = Duration.milliseconds(200)

    private let bus: any EventBus
    private let feed: EventFeed
    private let shards: ShardMap
    private let clock: @Sendable () -> Timestamp
    private let pause: Duration
    private let timer: any Clock<Duration>
    private let log: LogConsumer

    /// - Parameters:
    ///   - pause: between two stretches, as long as no whole one waits to be read.
    ///   - timer: measures pauses.
    public init(
        _ bus: any EventBus, shards: ShardMap, floors: RetentionFloors, pause: Duration = pauseDefault,
        clock: @escaping @Sendable () -> Timestamp, timer: any Clock<Duration> = ContinuousClock()
    ) {
        self.bus = bus
        self.shards = shards
        self.clock = clock
        self.pause = pause
        self.timer = timer
        feed = EventFeed(shards: shards)
        log = LogConsumer(.eventBus, as: .eventBus, limits: Self.limits, shards: shards, floors: floors, clock: clock)
    }

    /// Tells of the events of one shard.
    public func perform(on source: Shard) async throws {
        try await log.follow(source, positionOn: source) { stretch, written in
            let events = try await feed.events(in: stretch.records, of: source)
            guard !events.isEmpty || log.isLongSilent(since: written, at: stretch.last) else { return .nothingOwed }
            try await bus.publish(events)
            let step = MarkPublished(shard: source.id, last: stretch.last)
            _ = try await shards.runWhenAccepted(step, at: clock, timer: timer)
            await log.rest(behind: stretch.last, in: source, for: pause, on: timer)
            return .written
        }
    }
}
