import ActorSystem
import Commerce
import EventSourcing
import Logging
import Schema
import ServiceLifecycle

/// Looks after what nobody calls: orders left undecided, refunds owed, reservations that lapse.
public struct Reconciler: Service {
    private let checkout: Checkout
    private let logger: Logger

    public init(_ checkout: Checkout, logger: Logger) {
        self.checkout = checkout
        self.logger = logger
    }

    /// Runs until the node shuts down. It begins with every order that a crash left unfinished.
    public func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Void.self) { group in
                for shard in checkout.shards.shards {
                    group.addTask { await look(after: shard) }
                }
            }
        }
    }

    /// Looks after one shard, until the task is cancelled.
    ///
    /// Reservations lapse beside the orders and not after them: a payment provider that takes its time keeps no units
    /// from being sold.
    public func look(after shard: Shard) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await driveOrders(of: shard) }
            group.addTask { await expireReservations(on: shard) }
        }
    }

    private func driveOrders(of shard: Shard) async {
        await resume(await shard.awaiting(Order.self))
        while !Task.isCancelled {
            let limit = 4 * checkout.policy.reconciledAtOnceMax
            await resume(await shard.due(Order.self, at: checkout.clock(), limit: limit))
            try? await checkout.timer.sleep(for: checkout.policy.reconcileInterval)
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

    private func resume(_ orders: [OrderID]) async {
        await withTaskGroup(of: Void.self) { group in
            for (position, order) in orders.enumerated() {
                if position >= checkout.policy.reconciledAtOnceMax { await group.next() }
                group.addTask {
                    do throws(ExecutionFailure) {
                        try await checkout.resume(order)
                    } catch {
                        logger.warning(
                            "An order could not be driven on", metadata: ["order": "\(order)", "error": "\(error)"])
                    }
                }
            }
        }
    }

    private func expire(_ sku: SKU, on shard: Shard) async {
        do throws(ExecutionFailure) {
            let result = try await shard.execute(at: checkout.clock()) { batch throws(Stock.Refusal) in
                try batch.decide(Stock.self, sku, .expire)
            }
            if case .failure(let refusal) = result {
                preconditionFailure("an expiry is never refused: \(refusal)")
            }
        } catch {
            logger.warning("Reservations could not be expired", metadata: ["sku": "\(sku)", "error": "\(error)"])
        }
    }
}
