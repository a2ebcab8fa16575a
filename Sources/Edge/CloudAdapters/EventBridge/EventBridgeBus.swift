import Checkout
import EventSourcing
import Logging
import Synchronization

/// Tells Amazon EventBridge of the shop's events: at least once, those of one subject in their order.
///
/// What the bus does not take is tried again, alone, until it does: throttled, partly failed, refused or out of reach.
/// Nothing is ever passed over, so an operator hears of a bus that takes no events from the log and the metrics.
public final class EventBridgeBus: EventBus {
    /// Between two rounds: a bus that comes back is not overrun, and is not left waiting for long. The pause grows from
    /// round to round as long as the bus takes nothing.
    static let pauseFirst = Duration.milliseconds(100)
    static let pauseMax = Duration.seconds(15)

    /// How the bus fares, for metrics. The counters only grow.
    public struct Health: Sendable, Hashable {
        /// Events that the bus has taken, those told again included.
        public internal(set) var published: UInt64 = 0
        /// Entries that it has not.
        public internal(set) var failed: UInt64 = 0
        /// Whether it took nothing before the last pause: single entries are tried again without a word.
        public internal(set) var isFailing = false
    }

    private let bus: EventBridgeClient
    private let describe: @Sendable (FeedEvent, Bool) -> String
    private let logger: Logger
    private let state = Mutex(Health())

    /// - Parameters:
    ///   - bus: its name, such as `default`, or what identifies one of another account.
    ///   - describe: an event as an object of JSON, with or without what it tells.
    public init(
        named bus: String, _ settings: CloudSettings, policy: CloudPolicy = busPolicy,
        clock: @escaping @Sendable () -> Timestamp, logger: Logger,
        describe: @escaping @Sendable (FeedEvent, _ hasData: Bool) -> String
    ) {
        self.bus = EventBridgeClient(client: CloudClient(settings, policy: policy, clock: clock), bus: bus)
        self.describe = describe
        self.logger = logger
    }

    /// Short calls: the bus itself begins again.
    public static let busPolicy: CloudPolicy = {
        var policy = CloudPolicy()
        policy.attemptTimeLimit = .seconds(10)
        policy.timeLimit = .seconds(30)
        policy.connectionsMax = PublicationRound.batchesUnderWayMax
        policy.retries.perCallMax = 2
        return policy
    }()

    public var health: Health { state.withLock { $0 } }

    /// Closes the connections. Nothing may be published any more.
    public func shutdown() async { await bus.client.shutdown() }

    public func publish(_ events: [FeedEvent]) async throws {
        try await publish(events.map { EventEntry($0, describe) })
    }

    func publish(_ entries: [EventEntry]) async throws {
        var queue = PublicationQueue(entries)
        var pause = Self.pauseFirst
        var round = PublicationRound()
        try await withThrowingTaskGroup(of: (PublicationQueue.Batch, [String?]).self) { group in
            while true {
                if round.isOver {
                    if round.hasTold { pause = Self.pauseFirst } else { note(failing: round.failure) }
                    try await Task.sleep(for: pause * Double.random(in: 0.5...1))
                    pause = min(pause * 2, Self.pauseMax)
                    round = PublicationRound()
                }
                while round.isOpen, let batch = queue.nextBatch() {
                    group.addTask { [self] in (batch, try await put(batch.entries)) }
                    round.begin()
                }
                guard let (batch, failures) = try await group.next() else { return }
                note(failures)
                queue.ended(batch, isTold: failures.map { $0 == nil })
                round.ended(failures)
            }
        }
    }

    /// Why each entry is not with the bus; nil for those that are.
    private func put(_ entries: [EventEntry]) async throws -> [String?] {
        do throws(CloudFailure) {
            return try await bus.put(entries)
        } catch {
            try Task.checkCancellation()
            return entries.map { _ in error.description }
        }
    }

    private func note(_ failures: [String?]) {
        let taken = failures.count { $0 == nil }
        let hasEnded = state.withLock { state in
            state.published += UInt64(taken)
            state.failed += UInt64(failures.count - taken)
            guard state.isFailing, taken > 0 else { return false }
            state.isFailing = false
            return true
        }
        if hasEnded { logger.info("The event bus takes events again") }
    }

    private func note(failing reason: String?) {
        let hasBegun = state.withLock { state in
            defer { state.isFailing = true }
            return !state.isFailing
        }
        guard hasBegun else { return }
        logger.warning("The event bus does not take events", metadata: ["reason": .string(reason ?? "")])
    }
}
