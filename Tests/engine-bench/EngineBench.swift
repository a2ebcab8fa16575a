import ActorSystem
import Checkout
import Commerce
import EventSourcing
import Foundation
import JournalTesting
import Schema
import Synchronization

/// Places so many orders of two lines, one after the other, on one shard in memory: no HTTP, no disk and no network.
/// Run under a processor that counts, it tells what an order costs the engine: its checkout, the decisions on orders,
/// stock and keys, the records, and the rows that are saved.
@main
enum EngineBench {
    private static let skuCount = 200
    /// Orders between two ticks of the shard, which save what has changed and let it go.
    private static let ordersPerTick = 64
    private static let start = Timestamp(milliseconds: 1_700_000_000_000)

    /// Not asynchronous: valgrind ends where the main thread is handed to Dispatch.
    static func main() {
        guard let count = CommandLine.arguments.dropFirst().first.flatMap({ Int($0) }), count > 0 else {
            FileHandle.standardError.write(Data("usage: engine-bench ORDERS\n".utf8))
            exit(64)
        }
        let done = DispatchSemaphore(value: 0)
        Task.detached {
            do { try await place(count) } catch { fatalError("\(error)") }
            done.signal()
        }
        done.wait()
    }

    private static func place(_ count: Int) async throws {
        let shop = try await Shop(skuCount: skuCount, at: start)
        for number in 0..<count {
            let standing = try await shop.place(number)
            precondition(standing == .paid, "order \(number) is \(standing as Any)")
            if number % ordersPerTick == 0 { await shop.shard.lookAfterItself() }
        }
        await shop.shard.saveAll()
        print("\(count) orders placed")
    }

    private struct Shop {
        let shard: Shard
        private let checkout: Checkout
        /// The same numbers in each run.
        private static let drawn = Atomic<UInt64>(0)
        private let skus: [SKU]

        init(skuCount: Int, at start: Timestamp) async throws {
            let journal = MemoryJournal()
            var limits = ShardLimits()
            limits.saveLagTicks = 2
            limits.idleTicks = 2
            let shard = Shard(
                id: ShardID(0), journal: journal, states: journal, kinds: OwnedKind.all, limits: limits,
                failStop: { fatalError("\($0)") })
            self.shard = shard
            try await shard.recover()
            let skus = (0..<skuCount).map { SKU("BENCH-\($0)")! }
            self.skus = skus
            for sku in skus {
                _ = try await shard.execute(at: start) { batch throws(Stock.Refusal) in
                    try batch.decide(Stock.self, sku, .receive(1_000_000, reference: nil))
                }.get()
            }
            let prices = PriceBook { _ in
                PriceBook.Entry(
                    product: ProductID(at: .zero, random: 1), price: Money(amount: 250, currency: .gbp), isActive: true)
            }
            checkout = Checkout(
                shards: ShardMap([shard]), prices: prices, payments: InProcessPaymentProvider(firstNumber: 1),
                clock: { start }, random: { Self.draw() })
        }

        private static func draw() -> UInt64 {
            drawn.wrappingAdd(1, ordering: .relaxed).newValue &* 0x9e37_79b9_7f4a_7c15
        }

        func place(_ number: Int) async throws -> OrderStatus? {
            let customer = CustomerID(at: .zero, slot: Slot(0), random: UInt64(number + 1) << 8)
            var key = [UInt8](repeating: 0, count: 32)
            withUnsafeBytes(of: UInt64(number).bigEndian) { key.replaceSubrange(0..<8, with: $0) }
            let items = [number % skus.count, (number * 7 + 1) % skus.count].map {
                OrderRequest.Item(sku: skus[$0], quantity: 1)
            }
            let digest = Digest256(key)!
            return try await checkout.place(
                OrderRequest(
                    customer: customer, placedBy: customer, items: items, paymentMethod: "pm",
                    key: IdempotencyKeyID(slot: customer.slot, digest: digest), fingerprint: digest)
            ).order.state.status
        }
    }
}
