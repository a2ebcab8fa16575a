import ActorSystem
import Commerce
import EventSourcing

/// What consumers have in common: each follows the log of every shard that this node leads, from the
/// position that stands in the record of its last effect, and holds what it has not seen.
struct LogConsumer: Sendable {
    /// How much of a log one step looks at.
    struct Limits: Sendable {
        var recordsPerStepMax: Int
        var bytesPerStepMax: Int
        /// Records without effect after which the position is written all the same, so that a restart rereads little.
        var silentRecordsMax: UInt64
    }

    /// What a stretch of the log asks for.
    struct Step {
        let orders: OrderSteps
        /// The position as it stands on the shard of the effects: everything behind it is in this step.
        let before: LogIndex
        let last: LogIndex
    }

    /// What has become of the effects of a stretch.
    enum Outcome {
        /// They are written, and with them the position behind the stretch.
        case written
        /// It has none, nor has anything before it any that is owed.
        case nothingOwed
        /// Some are collected for a later stretch to write: their log is held until then.
        case owed
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

    /// Hands `perform` what the orders of one shard ask for, until the task is cancelled or the journal ends.
    ///
    /// - Parameters:
    ///   - home: the shard on which the position in the log of `source` stands.
    ///   - isWanted: whether `perform` has anything to do; when it has not for long, it is called for the position's
    ///     sake.
    ///   - perform: does what is asked and writes the position `last` with it.
    func follow(
        _ source: Shard, positionOn home: Shard, if isWanted: (OrderSteps) -> Bool,
        _ perform: (Step) async throws -> Void
    ) async throws {
        try await follow(source, positionOn: home) { stretch, written in
            let steps = try OrderStepReader.read(stretch.records)
            let last = stretch.last
            guard isWanted(steps) || isLongSilent(since: written, at: last) else { return .nothingOwed }
            try await perform(Step(orders: steps, before: written, last: last))
            return .written
        }
    }

    /// Whether the position is to be written for its own sake.
    func isLongSilent(since written: LogIndex, at last: LogIndex) -> Bool {
        last.rawValue - written.rawValue >= limits.silentRecordsMax
    }

    /// Hands `perform` the log of one shard, with the position that is written, until the task is cancelled or the
    /// journal ends.
    ///
    /// - Parameters:
    ///   - home: the shard on which the position in the log of `source` stands.
    ///   - perform: does what is asked, or collects it.
    func follow(
        _ source: Shard, positionOn home: Shard,
        _ perform: (LogFollower.Stretch, _ written: LogIndex) async throws -> Outcome
    ) async throws {
        var written = LogIndex.zero
        let log = LogFollower(
            of: source, limits: .init(recordsMax: limits.recordsPerStepMax, bytesMax: limits.bytesPerStepMax))
        try await log.follow { _ in
            written = try await position(in: source, on: home)
            floors.advance(follower, source, to: written)
            return max(written, firstOwed(by: source))
        } _: { stretch in
            let outcome = try await perform(stretch, written)
            if outcome == .owed { return }
            if outcome == .written { written = stretch.last }
            floors.advance(follower, source, to: stretch.last)
        }
    }

    /// Returns at once when a whole step waits behind `last`; otherwise after the pause, or when one does.
    func rest(behind last: LogIndex, in source: Shard, for pause: Duration, on timer: any Clock<Duration>) async {
        let due = LogIndex(last.rawValue + UInt64(limits.recordsPerStepMax))
        let commits = source.journal.commits()
        guard source.journal.committed < due else { return }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { for await committed in commits where committed >= due { return } }
            group.addTask { try? await timer.sleep(for: pause) }
            await group.next()
            group.cancelAll()
        }
    }

    /// The leader of `home` is asked: a position that lags would have effects happen twice.
    private func position(in source: Shard, on home: Shard) async throws -> LogIndex {
        let id = ConsumerPositionID(consumer, of: source.id, on: home.id)
        return try await shards.read(ConsumerPosition.self, id).state.position
    }

    /// The index before the first that can be read.
    ///
    /// No checkpoint passes a record whose effect is owed, neither here nor on the node that sent this one its states.
    /// What lies before the log and behind the position has none.
    private func firstOwed(by source: Shard) -> LogIndex { LogIndex(source.journal.first.rawValue - 1) }
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
    init(_ consumer: Consumer, of source: ShardID, on target: ShardID) {
        self.init(consumer: consumer, source: source, slot: target.firstSlot)
    }
}
