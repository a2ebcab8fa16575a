import ActorSystem
import Checkout
import Commerce
import Consensus
import EventSourcing
import Schema

/// The plainest workload: some customers who each place a few orders, and ask until they are answered.
final class FirstOrders: SimulatedWorkload, @unchecked Sendable {
    // One thread: the world's.
    private let customers: Int
    private let ordersEach: Int
    private var left: Int
    private(set) var answered = 0

    init(customers: Int = 4, ordersEach: Int = 5) {
        self.customers = customers
        self.ordersEach = ordersEach
        left = customers + 1
    }

    var isDone: Bool { left == 0 }

    private static let skus = ["A0", "B1", "C2"].map { SKU($0)! }

    func start(in world: World) {
        world.outside.spawn {
            for sku in Self.skus { await self.stockUp(sku, in: world) }
            self.left -= 1
            for number in 0..<self.customers {
                world.outside.spawn { await self.shop(UInt64(number), in: world) }
            }
        }
    }

    private func stockUp(_ sku: SKU, in world: World) async {
        while !world.outside.isOver {
            let reply = await world.request(world.random.pick(world.members), timeout: .seconds(4)) { shop in
                try await shop.shards.execute(on: sku.slot, at: shop.clock()) { batch throws(Stock.Refusal) in
                    try batch.decide(Stock.self, sku, .receive(100, reference: nil))
                }.get()
            }
            if case .answered = reply { return }
            try? await world.outside.sleep(for: .milliseconds(300))
        }
    }

    private func shop(_ number: UInt64, in world: World) async {
        defer { left -= 1 }
        let customer = CustomerID(at: Timestamp(milliseconds: 1), slot: Slot(UInt16(number * 37 % 4_096)), random: number << 8)
        for position in 0..<ordersEach {
            let key = UInt8(position + 1)
            let items = (0..<world.random.within(1...2)).map { _ in
                OrderRequest.Item(sku: world.random.pick(Self.skus), quantity: Units(Int64(world.random.within(1...3)))!)
            }
            let request = OrderRequest(
                customer: customer, placedBy: customer, items: items, paymentMethod: "pm",
                key: IdempotencyKeyID(slot: customer.slot, digest: Digest256([UInt8](repeating: key, count: 32))!),
                fingerprint: Digest256([UInt8](repeating: key, count: 32))!)
            while !world.outside.isOver {
                let reply = await world.request(world.random.pick(world.members), timeout: .seconds(5)) { shop in
                    try await shop.checkout.place(request).order.state.status
                }
                if case .answered = reply {
                    answered += 1
                    break
                }
                try? await world.outside.sleep(for: .milliseconds(200))
            }
            try? await world.outside.sleep(for: world.random.duration(.milliseconds(50), .seconds(2)))
        }
    }
}
