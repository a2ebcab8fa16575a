import Checkout
import EventSourcing
import Logging
import Synchronization

/// Tells Amazon EventBridge of the shop's events: at least once, those of one subject in their order.
///
/// What the bus does not take is tried again, alone, until it does: throttled, partly failed, refused or out of reach.
/// Nothing is ever passed over, so an operator hears of a bus that takes no events from the log and the metrics.
public final class EventBridgeBus: EventBus {
    /// At 20 ms a call, eight carry 4,000 events a second.
    static let batchesUnderWayMax = 8
    /// Between two rounds while events fail: a bus that comes back is not overrun, and is not left waiting for long.
    static let pauseFirst = Duration.milliseconds(100)
    static let pauseMax = Duration.seconds(15)

    /// How the bus fares, for metrics. The counters only grow.
    public struct Health: Sendable, Hashable {
        /// Events that the bus has taken, those told again included.
        public internal(set) var published: UInt64 = 0
        /// Entries that it has not.
        public internal(set) var failed: UInt64 = 0
        /// Whether the last batch failed as a whole: single entries are tried again without a word.
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
        policy.connectionsMax = batchesUnderWayMax
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
        try await withThrowingTaskGroup(of: (PublicationQueue.Batch, [Bool]).self) { group in
            var underWay = 0
            while true {
                while underWay < Self.batchesUnderWayMax, let batch = queue.nextBatch() {
                    group.addTask { [self] in (batch, try await put(batch.entries)) }
                    underWay += 1
                }
                guard let (batch, isTold) = try await group.next() else { return }
                underWay -= 1
                queue.ended(batch, isTold: isTold)
                if isTold.allSatisfy(\.self) {
                    pause = Self.pauseFirst
                } else {
                    try await Task.sleep(for: pause * Double.random(in: 0.5...1))
                    pause = min(pause * 2, Self.pauseMax)
                }
            }
        }
    }

    /// Whether each entry is with the bus.
    private func put(_ entries: [EventEntry]) async throws -> [Bool] {
        let failures: [String?]
        do throws(CloudFailure) {
            failures = try await bus.put(entries)
        } catch {
            try Task.checkCancellation()
            failures = entries.map { _ in error.description }
        }
        note(failures)
        return failures.map { $0 == nil }
    }

    private func note(_ failures: [String?]) {
        let failed = failures.count { $0 != nil }
        let (began, ended) = state.withLock { state in
            let before = state.isFailing
            state.published += UInt64(failures.count - failed)
            state.failed += UInt64(failed)
            state.isFailing = failed == failures.count
            return (!before && state.isFailing, before && !state.isFailing)
        }
        if began, let reason = failures.lazy.compactMap(\.self).first {
            logger.warning("The event bus does not take events", metadata: ["reason": .string(reason)])
        }
        if ended { logger.info("The event bus takes events again") }
    }
}
