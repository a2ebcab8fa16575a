import ActorSystem
import Commerce
import EventSourcing
import Logging
import Schema
import ServiceLifecycle

/// Follows the orders and moves the stock: a paid order is fulfilled, and what an order's event means for stock on
/// other shards is done there.
///
/// It reads each shard's log in order, at least once. Effects happen once: the position stands in the record of the
/// effect, on every shard that has one.
public struct InventoryConsumer: Service {
    /// Records looked at in one step; bounds the record that the step writes.
    static let recordsPerStepMax = 256
    static let bytesPerStepMax = 256 << 10
    /// Records without effect after which the position is written all the same, so that a restart rereads little.
    static let silentRecordsMax: UInt64 = 4_096

    let shards: ShardMap
    let clock: @Sendable () -> Timestamp
    let timer: any Clock<Duration>
    let floors: RetentionFloors
    let logger: Logger

    /// - Parameter timer: measures pauses.
    public init(
        shards: ShardMap, floors: RetentionFloors, clock: @escaping @Sendable () -> Timestamp,
        timer: any Clock<Duration> = ContinuousClock(), logger: Logger
    ) {
        self.shards = shards
        self.timer = timer
        self.floors = floors
        self.clock = clock
        self.logger = logger
    }

    public func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for shard in shards.shards {
                group.addTask { try await cancelWhenGracefulShutdown { try await follow(shard) } }
            }
            try await group.waitForAll()
        }
    }

    /// Follows the orders of one shard, until the task is cancelled or the journal ends.
    ///
    /// - Throws: when a shard refuses a step or its outcome is unknown. Whoever still leads `source` then begins again.
    public func follow(_ source: Shard) async throws {
        let start = try await position(of: source, on: source)
        floors.set(.inventory, source: source, to: start)
        var written = start
        try await source.follow(
            after: start, countMax: Self.recordsPerStepMax, bytesMax: Self.bytesPerStepMax
        ) { records, last in
            let steps = try OrderStepReader.read(records)
            guard !steps.isEmpty || last.rawValue - written.rawValue >= Self.silentRecordsMax else { return }
            try await perform(steps, from: source, through: last)
            written = last
            floors.set(.inventory, source: source, to: last)
        }
    }

    private func position(of source: Shard, on shard: Shard) async throws -> LogIndex {
        let id = ConsumerPositionID(.inventory, of: source, on: shard)
        return try await shard.execute(at: clock()) { batch throws(Never) in
            batch.read(ConsumerPosition.self, id).state.position
        }.get()
    }

    private func perform(_ steps: OrderSteps, from source: Shard, through last: LogIndex) async throws {
        let shards = shards
        for target in shards.shards where target.id != source.id && !steps.effects.isEmpty {
            try await performEffects(steps.effects, from: source, on: target, through: last)
        }
        let position = ConsumerPositionID(.inventory, of: source, on: source)
        try await source.executeWhenAccepted(at: clock, timer: timer) { batch in
            for order in steps.paid {
                // An order that has been cancelled since is no longer to be fulfilled.
                _ = Result { () throws(Order.Refusal) in try OrderChange.take(.fulfill, order, shards: shards, in: batch) }
            }
            ConsumerPosition.advance(position, to: last, in: batch)
        }
    }

    /// Does on `target` what the orders' events mean for stock there, once.
    private func performEffects(
        _ effects: [OrderEffect], from source: Shard, on target: Shard, through last: LogIndex
    ) async throws {
        let shards = shards
        let holds = try await source.execute(at: clock()) { batch throws(Never) in
            effects.map { Holds(of: batch.read(Order.self, $0.order).state.holds, on: shards) }
        }.get()
        guard holds.contains(where: { !$0.units(on: target).isEmpty }) else { return }
        let position = ConsumerPositionID(.inventory, of: source, on: target)
        try await target.executeWhenAccepted(at: clock, timer: timer) { batch in
            let done = batch.read(ConsumerPosition.self, position).state.position
            for (effect, holds) in zip(effects, holds) where effect.index > done {
                holds.apply(effect.effect, for: effect.order, on: target, in: batch)
            }
            if !Mistake.effectWithoutPosition.isMade { ConsumerPosition.advance(position, to: last, in: batch) }
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
