import Checkout
import Commerce
import EventSourcing
import Logging
import Schema
import Storage
import Synchronization

@testable import ActorSystem
@testable import cloudretail

/// Runs a restored data directory as a node of one does, until its duties have nothing left to do.
enum RestoredNode {
    /// Drives every order to its end.
    ///
    /// - Parameters:
    ///   - charges: those that the provider remembers from the old cluster.
    ///   - orders: all that there are.
    static func finish(
        _ path: String, at now: Timestamp, charges: [OrderID: ChargeID], orders: [OrderID], skus: [SKU]
    ) async throws -> [OrderID: OrderStatus] {
        let logger = Logger(label: "restored", factory: { _ in SwiftLogNoOpLogHandler() })
        let engine = try await Engine(
            path: path, shards: nil, creating: false, options: .init(freeBytesMin: 0), logger: logger)
        let start = ContinuousClock.now
        let clock: @Sendable () -> Timestamp = { now + (ContinuousClock.now - start) }
        var policy = CheckoutPolicy()
        policy.reconcileInterval = .milliseconds(5)
        policy.reconcileRestMax = .zero
        let checkout = Checkout(
            shards: engine.shards, prices: PriceBook { _ in nil }, payments: RememberingProvider(charges),
            policy: policy, clock: clock, random: { .random(in: .min ... .max) })
        let floors = RetentionFloors()
        let duties = LeaderDuties(
            [
                InventoryConsumer(shards: engine.shards, floors: floors, clock: clock),
                Reconciler(checkout, logger: logger),
            ], of: engine.shards, logger: logger)
        let ends = try await withThrowingTaskGroup(of: Void.self) { group in
            for shard in engine.shards.shards { group.addTask { await shard.run() } }
            group.addTask { try? await duties.attend() }
            while try await !isAtRest(engine.shards, orders, skus) { try await Task.sleep(for: .milliseconds(5)) }
            group.cancelAll()
            var ends: [OrderID: OrderStatus] = [:]
            for order in orders { ends[order] = try await engine.shards.read(Order.self, order).state.status }
            return ends
        }
        await engine.close()
        return ends
    }

    /// Whether no order is open, nothing is held for any, and every consumer has read all that asks for something.
    private static func isAtRest(_ shards: ShardMap, _ orders: [OrderID], _ skus: [SKU]) async throws -> Bool {
        for id in orders {
            let order = try await shards.read(Order.self, id).state
            if order.status == .placed || order.status == .paid || order.wakeAt != nil { return false }
        }
        for sku in skus {
            let held = try await shards.read(Stock.self, sku).state.held
            if held.contains(where: { if case .order = $0.id { true } else { false } }) { return false }
        }
        return true
    }
}

/// A provider that remembers what it was paid before.
private final class RememberingProvider: PaymentProvider {
    private let charges: Mutex<[OrderID: ChargeID]>
    private let provider = InProcessPaymentProvider()

    init(_ charges: [OrderID: ChargeID]) { self.charges = Mutex(charges) }

    private func charge(of order: OrderID) -> ChargeID? { charges.withLock { $0[order] } }

    func charge(_ request: ChargeRequest) async throws(PaymentFailure) -> ChargeOutcome {
        if let charge = charge(of: request.order) { return .succeeded(charge) }
        return try await provider.charge(request)
    }

    func lookUp(_ order: OrderID) async throws(PaymentFailure) -> ChargeLookup {
        if let charge = charge(of: order) { return .succeeded(charge) }
        return try await provider.lookUp(order)
    }

    func void(_ order: OrderID) async throws(PaymentFailure) {
        charges.withLock { $0[order] = nil }
        try await provider.void(order)
    }

    func refund(_ request: RefundRequest) async throws(PaymentFailure) -> RefundID {
        if charge(of: request.order) != nil { return RefundID("re_\(request.order)-\(request.number)")! }
        return try await provider.refund(request)
    }
}
