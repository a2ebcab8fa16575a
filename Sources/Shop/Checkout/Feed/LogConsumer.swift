import ActorSystem
import Commerce
import EventSourcing
import ServiceLifecycle

/// What consumers of the orders have in common: each follows the log of every shard, from the position that stands in
/// the record of its last effect, and holds what it has not seen.
struct LogConsumer: Sendable {
    /// How much of a log one step looks at.
    struct Limits: Sendable {
        var recordsPerStepMax: Int
        var bytesPerStepMax: Int
        /// Records without effect after which the position is written all the same, so that a restart rereads little.
        var silentRecordsMax: UInt64
    }

    let consumer: Consumer
    let follower: RetentionFloors.Follower
    let limits: Limits
    let shards: ShardMap
    let floors: RetentionFloors
    let clock: @Sendable () -> Timestamp

    /// Holds the logs from now on.
    init(
        _ consumer: Consumer, as follower: RetentionFloors.Follower, limits: Limits, shards: ShardMap,
        floors: RetentionFloors, clock: @escaping @Sendable () -> Timestamp
    ) {
        self.consumer = consumer
        self.follower = follower
        self.limits = limits
        self.shards = shards
        self.floors = floors
        self.clock = clock
        for shard in shards.shards { floors.hold(follower, shard) }
    }

    /// Runs `follow` for every shard, until the node shuts down or a journal ends.
    func forEachShard(_ follow: @escaping @Sendable (Shard) async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for shard in shards.shards {
                group.addTask { try await cancelWhenGracefulShutdown { try await follow(shard) } }
            }
            try await group.waitForAll()
        }
    }

    /// Hands `perform` what the orders of one shard ask for, until the task is cancelled or the journal ends.
    ///
    /// - Parameters:
    ///   - home: the shard on which the position in the log of `source` stands.
    ///   - isWanted: whether `perform` has anything to do; when it has not for long, it is called for the position's
    ///     sake.
    ///   - perform: does what is asked and writes the position `last` with it.
    func follow(
        _ source: Shard, positionOn home: Shard, if isWanted: (OrderSteps) -> Bool,
        _ perform: (_ steps: OrderSteps, _ last: LogIndex) async throws -> Void
    ) async throws {
        let id = ConsumerPositionID(consumer, of: source, on: home)
        let start = try await home.execute(at: clock()) { batch throws(Never) in
            batch.read(ConsumerPosition.self, id).state.position
        }.get()
        floors.advance(follower, source, to: start)
        var written = start
        let first = try firstToRead(of: source, after: start)
        try await source.follow(
            after: first, countMax: limits.recordsPerStepMax, bytesMax: limits.bytesPerStepMax
        ) { records, last in
            let steps = try OrderStepReader.read(records)
            guard isWanted(steps) || last.rawValue - written.rawValue >= limits.silentRecordsMax else {
                // Nothing up to here has an effect that is still owed.
                return floors.advance(follower, source, to: last)
            }
            try await perform(steps, last)
            written = last
            floors.advance(follower, source, to: last)
        }
    }

    /// The index before the first that is read: `position`, or where the log begins, if that is further on.
    ///
    /// No checkpoint passes a record whose effect is owed, neither here nor on the node that sent this one its states.
    /// What lies before the log and behind the position has none.
    private func firstToRead(of source: Shard, after position: LogIndex) throws -> LogIndex {
        do {
            _ = try source.journal.records(from: position.next, countMax: 1, bytesMax: 1)
            return position
        } catch let truncated as LogTruncated where truncated.first <= source.journal.checkpoint.next {
            return LogIndex(truncated.first.rawValue - 1)
        }
    }
}

extension ConsumerPosition {
    static func advance(_ id: ConsumerPositionID, to index: LogIndex, in batch: Batch) {
        let position = batch.read(ConsumerPosition.self, id).state.position
        guard position < index else { return }
        do throws(ConsumerPosition.Refusal) {
            try batch.decide(ConsumerPosition.self, id, .advance(from: position, to: index))
        } catch {
            preconditionFailure("a position refused to move on: \(error)")
        }
    }
}

extension ConsumerPositionID {
    /// The position of `consumer` in the log of `source` as it stands on `target`, in the record of its effects there.
    init(_ consumer: Consumer, of source: Shard, on target: Shard) {
        // The slots that belong to shard n begin with slot n.
        self.init(consumer: consumer, source: source.id, slot: Slot(target.id.rawValue))
    }
}
