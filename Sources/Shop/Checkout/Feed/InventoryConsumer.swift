import ActorSystem
import Commerce
import EventSourcing
import Schema
import ServiceLifecycle

/// Follows the orders and moves the stock: a paid order is fulfilled, and what an order's event means for stock on
/// other shards is done there.
///
/// It reads each shard's log in order, at least once. Effects happen once: the position stands in the record of the
/// effect, on every shard that has one.
public struct InventoryConsumer: Service {
    /// Lines of orders of which one record tells what becomes of their stock: some 400 KiB, a tenth of the largest
    /// record, and some milliseconds of a shard's time. One order may have half as many.
    static let linesPerRecordMax = 4_096
    private static let limits = LogConsumer.Limits(
        recordsPerStepMax: 256, bytesPerStepMax: 256 << 10, silentRecordsMax: 4_096)

    private let shards: ShardMap
    private let clock: @Sendable () -> Timestamp
    private let timer: any Clock<Duration>
    private let log: LogConsumer

    /// - Parameter timer: measures pauses.
    public init(
        shards: ShardMap, floors: RetentionFloors, clock: @escaping @Sendable () -> Timestamp,
        timer: any Clock<Duration> = ContinuousClock()
    ) {
        self.shards = shards
        self.clock = clock
        self.timer = timer
        log = LogConsumer(.inventory, as: .inventory, limits: Self.limits, shards: shards, floors: floors, clock: clock)
    }

    public func run() async throws { try await log.forEachShard(follow) }

    /// Follows the orders of one shard, until the task is cancelled or the journal ends.
    ///
    /// - Throws: when a shard refuses a step or its outcome is unknown. The leader of `source` then begins again.
    public func follow(_ source: Shard) async throws {
        try await log.follow(source, positionOn: source, if: \.movesStock) { steps, last in
            try await perform(steps, from: source, through: last)
        }
    }

    private func perform(_ steps: OrderSteps, from source: Shard, through last: LogIndex) async throws {
        for part in try await parts(of: steps, on: source, through: last) { try await perform(part, from: source) }
    }

    /// Cuts a step into what one record can hold.
    private func parts(
        of steps: OrderSteps, on source: Shard, through last: LogIndex
    ) async throws -> [InventoryStep] {
        // A few orders always fit, however long they are.
        guard (steps.paid.count + steps.effects.count) * Placement.linesMax > Self.linesPerRecordMax else {
            return [InventoryStep(paid: steps.paid.map(\.order), effects: steps.effects, last: last)]
        }
        let orders = steps.paid.map(\.order) + steps.effects.map(\.order)
        let lines = try await source.execute(at: clock()) { batch throws(Never) in
            orders.map { batch.look(at: Order.self, $0) { $0.state.holds.count } }
        }.get()
        return InventoryStep.cut(steps, lines: lines, linesMax: Self.linesPerRecordMax, through: last)
    }

    private func perform(_ step: InventoryStep, from source: Shard) async throws {
        let shards = shards
        for target in shards.shards where target.id != source.id && !step.effects.isEmpty {
            try await performEffects(step.effects, from: source, on: target, through: step.last)
        }
        let position = ConsumerPositionID(.inventory, of: source, on: source)
        try await source.executeWhenAccepted(at: clock, timer: timer) { batch in
            for order in step.paid {
                // An order that has been cancelled since is no longer to be fulfilled.
                _ = Result { () throws(Order.Refusal) in
                    try OrderChange.take(.fulfill, order, shards: shards, in: batch)
                }
            }
            ConsumerPosition.advance(position, to: step.last, in: batch)
        }
    }

    /// Does on `target` what the orders' events mean for stock there, once.
    private func performEffects(
        _ effects: [OrderEffect], from source: Shard, on target: Shard, through last: LogIndex
    ) async throws {
        let shards = shards
        let holds = try await source.execute(at: clock()) { batch throws(Never) in
            effects.map { effect in
                let units = batch.look(at: Order.self, effect.order) { $0.state.units(movedBy: effect.effect) }
                return Holds(of: units, on: shards)
            }
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
