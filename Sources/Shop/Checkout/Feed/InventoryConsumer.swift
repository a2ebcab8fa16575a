import ActorSystem
import Commerce
import EventSourcing
import Schema

/// Follows the orders and moves the stock: a paid order is fulfilled, and what an order's event means for stock on
/// other shards is done there.
///
/// It reads each shard's log in order, at least once. Effects happen once: the position stands in the record of the
/// effect, on every shard that has one.
public struct InventoryConsumer: LeaderDuty {
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

    /// Follows the orders of one shard.
    public func perform(on source: Shard) async throws {
        try await log.follow(source, positionOn: source, if: \.movesStock) { step in
            try await perform(step.orders, from: source, through: step.last)
        }
    }

    private func perform(_ steps: OrderSteps, from source: Shard, through last: LogIndex) async throws {
        // On its own shard the effect on stock is in the record of the event.
        guard shards.shards.count > 1, !steps.effects.isEmpty else {
            return try await fulfil(steps.paid, on: source, through: last)
        }
        let lines = await source.readCommitted { states in
            (steps.paid.map(\.order) + steps.effects.map(\.order)).map { order in
                states.look(at: Order.self, order) { $0.state.holds.count }
            }
        }
        for part in InventoryStep.cut(steps, lines: lines, linesMax: Self.linesPerRecordMax, through: last) {
            for target in shards.shards where target.id != source.id && !part.effects.isEmpty {
                try await performEffects(part.effects, from: source, on: target, through: part.last)
            }
            try await fulfil(part, on: source)
        }
    }

    /// Fulfils what was paid, in as many records as it takes. The step that writes the first counts the lines.
    private func fulfil(_ paid: [OrderPaid], on source: Shard, through last: LogIndex) async throws {
        let (shards, position) = (shards, ConsumerPositionID(.inventory, of: source, on: source))
        var steps = OrderSteps()
        steps.paid = paid
        let rest = try await source.executeWhenAccepted(at: clock, timer: timer) { [steps] batch in
            let lines = paid.map { paid in batch.look(at: Order.self, paid.order) { $0.state.holds.count } }
            let parts = InventoryStep.cut(steps, lines: lines, linesMax: Self.linesPerRecordMax, through: last)
            parts[0].fulfil(shards, position, in: batch)
            return parts.dropFirst()
        }
        for part in rest { try await fulfil(part, on: source) }
    }

    private func fulfil(_ step: InventoryStep, on source: Shard) async throws {
        let (shards, position) = (shards, ConsumerPositionID(.inventory, of: source, on: source))
        try await source.executeWhenAccepted(at: clock, timer: timer) { step.fulfil(shards, position, in: $0) }
    }

    /// Does on `target` what the orders' events mean for stock there, once.
    private func performEffects(
        _ effects: [OrderEffect], from source: Shard, on target: Shard, through last: LogIndex
    ) async throws {
        let shards = shards
        let holds = await source.readCommitted { states in
            effects.map { effect in
                let units = states.look(at: Order.self, effect.order) { $0.state.units(movedBy: effect.effect) }
                return Holds(of: units, on: shards)
            }
        }
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

extension InventoryStep {
    /// Fulfils the orders that were paid, and moves on.
    fileprivate func fulfil(_ shards: ShardMap, _ position: ConsumerPositionID, in batch: Batch) {
        for order in paid {
            // An order that has been cancelled since is no longer to be fulfilled.
            _ = Result { () throws(Order.Refusal) in try OrderChange.take(.fulfill, order, shards: shards, in: batch) }
        }
        ConsumerPosition.advance(position, to: last, in: batch)
    }
}
