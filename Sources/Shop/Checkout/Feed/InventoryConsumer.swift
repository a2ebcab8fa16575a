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
        for part in await parts(of: steps, on: source, through: last) {
            for target in shards.shards where target.id != source.id && !part.effects.isEmpty {
                try await moveStock(part.effects, from: source, on: target.id, through: part.last)
            }
            let step = FulfilOrders(shard: source.id, orders: part.paid, last: part.last)
            _ = try await shards.runWhenAccepted(step, at: clock, timer: timer)
        }
    }

    /// Cuts what there is to do into as many records as it takes.
    private func parts(of steps: OrderSteps, on source: Shard, through last: LogIndex) async -> [InventoryStep] {
        var steps = steps
        // On its own shard the effect on stock is in the record of the event.
        if shards.shards.count == 1 { steps.effects = [] }
        let orders = steps.paid.map(\.order) + steps.effects.map(\.order)
        // So few fit one record, however long they are.
        let isWhole = orders.count * Placement.linesMax <= Self.linesPerRecordMax
        let lines = await isWhole ? [] : source.readCommitted { states in
            orders.map { order in states.look(at: Order.self, order) { $0.state.holds.count } }
        }
        return InventoryStep.cut(steps, lines: lines, linesMax: Self.linesPerRecordMax, through: last)
    }

    /// Does on `target` what the orders' events mean for stock there, once.
    private func moveStock(
        _ effects: [OrderEffect], from source: Shard, on target: ShardID, through last: LogIndex
    ) async throws {
        let count = shards.shards.count
        let movements = await source.readCommitted { states in
            effects.map { effect in
                let units = states.look(at: Order.self, effect.order) { $0.state.units(movedBy: effect.effect) }
                return MoveStock.Movement(
                    index: effect.index, order: effect.order, movement: effect.effect.movement,
                    units: units.filter { $0.sku.slot.shard(of: count) == target })
            }
        }.filter { !$0.units.isEmpty }
        guard !movements.isEmpty else { return }
        let step = MoveStock(source: source.id, target: target, movements: movements, last: last)
        _ = try await shards.runWhenAccepted(step, at: clock, timer: timer)
    }
}
