import ActorSystem
import Commerce
import EventSourcing
import Logging
import Schema

/// Looks after what no request calls: orders left undecided, refunds owed, reservations that lapse.
public struct Reconciler: LeaderDuty {
    private let checkout: Checkout
    private let logger: Logger

    public init(_ checkout: Checkout, logger: Logger) {
        self.checkout = checkout
        self.logger = logger
    }

    /// Looks after one shard, until the task is cancelled. It begins with every order that a crash left unfinished.
    ///
    /// Reservations lapse beside the orders and not after them: a payment provider that takes its time keeps no units
    /// from being sold.
    public func perform(on shard: Shard) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await driveOrders(of: shard) }
            group.addTask { await expireReservations(on: shard) }
        }
    }

    /// Drives the orders that want attention, so many at once, and starts the next whenever one has ended: an order for
    /// which the provider hangs keeps its own place and no other.
    private func driveOrders(of shard: Shard) async {
        await withTaskGroup(of: Ended.self) { group in
            var queue = ReconcilerQueue(checkout.policy)
            for order in await shard.inherited(Order.self) { queue.add(order) }
            group.addTask { await pause() }
            while !Task.isCancelled {
                if let due = queue.wantedCount {
                    for order in await shard.due(Order.self, at: checkout.clock(), limit: due) { queue.add(order) }
                }
                while let order = queue.next(at: checkout.clock()) { group.addTask { await drive(order) } }
                switch await group.next() {
                case .order(let order, let isDecided): queue.ended(order, isDecided: isDecided, at: checkout.clock())
                case .pause:
                    queue.look(at: checkout.clock())
                    group.addTask { await pause() }
                case nil: preconditionFailure("a pause is always under way")
                }
            }
            group.cancelAll()
        }
    }

    /// What ended: the pause between two looks, or the driving of an order.
    private enum Ended: Sendable {
        case pause
        case order(OrderID, isDecided: Bool)
    }

    private func pause() async -> Ended {
        try? await checkout.timer.sleep(for: checkout.policy.reconcileInterval)
        return .pause
    }

    private func drive(_ order: OrderID) async -> Ended {
        do throws(ExecutionFailure) {
            let driven = try await checkout.resume(order)
            return .order(order, isDecided: driven.map { $0.state.wakeAt == nil } ?? false)
        } catch {
            logger.warning("An order could not be driven on", metadata: ["order": "\(order)", "error": "\(error)"])
            return .order(order, isDecided: false)
        }
    }

    private func expireReservations(on shard: Shard) async {
        while !Task.isCancelled {
            for sku in await shard.due(Stock.self, at: checkout.clock(), limit: Self.expiredAtOnceMax) {
                await expire(sku, on: shard)
            }
            try? await checkout.timer.sleep(for: checkout.policy.reconcileInterval)
        }
    }

    /// SKUs whose reservations are ended before the shard is asked again: one short record each.
    private static let expiredAtOnceMax = 256

    private func expire(_ sku: SKU, on shard: Shard) async {
        do throws(ExecutionFailure) {
            _ = try await shard.run(ExpireReservations(sku: sku), at: checkout.clock())
        } catch {
            logger.warning("Reservations could not be expired", metadata: ["sku": "\(sku)", "error": "\(error)"])
        }
    }
}
