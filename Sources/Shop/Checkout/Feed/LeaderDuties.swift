import ActorSystem
import EventSourcing
import Logging
import ServiceLifecycle

/// Begins the duties of each shard when this node begins to lead it, and ends them when it leads it no longer.
///
/// Two nodes may be at the duties of one shard for a moment, while the former leader has yet to hear of the new one.
/// What they do happens once all the same.
public struct LeaderDuties: Service {
    /// Before a duty that was interrupted begins again.
    private static let pause = Duration.milliseconds(200)

    /// Rings when a leadership may have ended.
    private struct Bell: Sendable {
        let rings: AsyncStream<Void>
        let ringer: AsyncStream<Void>.Continuation

        init() { (rings, ringer) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1)) }
    }

    private let shards: ShardMap
    private let duties: [any LeaderDuty]
    /// One for each shard, in their order.
    private let bells: [Bell]
    private let timer: any Clock<Duration>
    private let logger: Logger

    /// - Parameter timer: measures pauses.
    public init(
        _ duties: [any LeaderDuty], of shards: ShardMap, timer: any Clock<Duration> = ContinuousClock(), logger: Logger
    ) {
        self.shards = shards
        self.duties = duties
        self.timer = timer
        self.logger = logger
        bells = shards.shards.map { _ in Bell() }
    }

    /// Looks after all shards until the node shuts down.
    public func run() async throws { try await cancelWhenGracefulShutdown { try await attend() } }

    /// Looks after all shards until the task is cancelled. To be called once.
    ///
    /// - Throws: what ended a duty for good.
    public func attend() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (shard, bell) in zip(shards.shards, bells) {
                group.addTask { try await attend(shard, bell.rings) }
            }
            try await group.waitForAll()
        }
    }

    /// The leadership under which this node decided for `shard` may have ended: the journal says so.
    public func partChanged(of shard: ShardID) { bells[Int(shard.rawValue)].ringer.yield() }

    private func attend(_ shard: Shard, _ rings: AsyncStream<Void>) async throws {
        while let term = await nextTerm(of: shard) {
            let isDone = try await withThrowingTaskGroup(of: Bool.self) { group in
                group.addTask {
                    try await performAll(on: shard)
                    return true
                }
                group.addTask {
                    for await _ in rings where hasEnded(term, of: shard) { break }
                    return false
                }
                let isDone = try await group.next() ?? true
                group.cancelAll()
                try await group.waitForAll()
                return isDone
            }
            // The journal has ended.
            if isDone { return }
        }
    }

    /// Waits until this node leads `shard`: a leader's first entry is committed then.
    ///
    /// - Returns: nil when the task is cancelled or the journal has ended.
    private func nextTerm(of shard: Shard) async -> UInt64? {
        let commits = shard.journal.commits()
        guard !Task.isCancelled else { return nil }
        if let leadership = shard.journal.standing.leadership { return leadership.term }
        for await _ in commits {
            if let leadership = shard.journal.standing.leadership { return leadership.term }
        }
        return nil
    }

    private func hasEnded(_ term: UInt64, of shard: Shard) -> Bool {
        !Mistake.dutyOutlivesLeadership.isMade && shard.journal.standing.leadership?.term != term
    }

    /// Returns when the task is cancelled, or the journal has ended.
    private func performAll(on shard: Shard) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for duty in duties { group.addTask { try await perform(duty, on: shard) } }
            try await group.waitForAll()
        }
    }

    private func perform(_ duty: any LeaderDuty, on shard: Shard) async throws {
        while !Task.isCancelled {
            do {
                return try await duty.perform(on: shard)
            } catch let failure as ExecutionFailure {
                logger.warning("A duty begins again", metadata: ["error": "\(failure)"])
                try? await timer.sleep(for: Self.pause)
            } catch is CancellationError {
                return
            }
        }
    }
}
