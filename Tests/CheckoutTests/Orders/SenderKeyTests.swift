import ActorSystem
import Commerce
import EventSourcing
import Schema
import Testing

@testable import Checkout

@Suite("A key of a sender who lives on another shard", .timeLimit(.minutes(10))) struct SenderKeyTests {
    private let world = World(shards: 4)

    /// Staff on shard 3 order for a customer on shard `home`.
    private func request(_ node: Node, _ sku: SKU, home: Int, body: UInt8 = 0) -> OrderRequest {
        var request = node.request([(sku, 1)], by: world.customer(UInt64(home) + 1, on: home), body: body)
        let sender = world.customer(99, on: 3)
        request.placedBy = sender
        request.key = IdempotencyKeyID(slot: sender.slot, digest: request.key.digest)
        return request
    }

    private func orders(_ node: Node) async throws -> Int {
        var count = 0
        for shard in node.shards.shards {
            count += try await shard.list(Order.self, group: [], descending: true, limit: 100).count
        }
        return count
    }

    @Test("after a crash between the claim and the order the retry finds the claim and completes it", arguments: [0, 3])
    func completed(home: Int) async throws {
        let sku = world.sku("A", on: 1)
        // What the crashed attempt left: the claim at its sender, and nothing else.
        try await world.run { node in
            try await node.receive(sku, 10)
            let request = request(node, sku, home: home)
            let claim = SenderClaim(
                request.key, fingerprint: request.fingerprint, home: request.customer.slot, lifetime: .seconds(60),
                by: nil, shards: node.shards, clock: { node.clock.now() })
            #expect(try await claim.take())
        }
        try await world.run { node in
            let first = try await node.checkout.place(request(node, sku, home: home))
            #expect(first.state.firstAnswer == .paid && !first.isReplay)
            let second = try await node.checkout.place(request(node, sku, home: home))
            #expect(second.isReplay && second.state.id == first.state.id)
            for other in [1, 2, 3] where other != home {
                await #expect(throws: CheckoutFailure.refused(.keyReused)) {
                    try await node.checkout.place(request(node, sku, home: other, body: UInt8(other)))
                }
            }
            #expect(try await orders(node) == 1)
        }
    }

    @Test("an order that was rejected keeps the key of its sender", arguments: [[1, 2], [1, 3], [3, 1]])
    func rejected(homes: [Int]) async throws {
        let sku = world.sku("A", on: 1)
        try await world.run { node in
            let short = try await node.checkout.place(request(node, sku, home: homes[0]))
            #expect(short.state.rejection == .insufficientStock([Shortage(sku: sku, requested: 1, available: 0)]))
            try await node.receive(sku, 10)
            await #expect(throws: CheckoutFailure.refused(.keyReused)) {
                try await node.checkout.place(request(node, sku, home: homes[1], body: 1))
            }
            let again = try await node.checkout.place(request(node, sku, home: homes[0]))
            #expect(again.isReplay && again.state.id == short.state.id)
        }
    }

    @Test("duplicates at once are one order, wherever its customer lives")
    func duplicates() async throws {
        let sku = world.sku("A", on: 1)
        try await world.run { node in
            try await node.receive(sku, 10)
            let ids = try await withThrowingTaskGroup(of: OrderID.self) { group in
                for _ in 0..<50 {
                    group.addTask { try await node.checkout.place(request(node, sku, home: 2)).state.id }
                }
                return try await group.reduce(into: Set<OrderID>()) { $0.insert($1) }
            }
            #expect(ids.count == 1)
            #expect(try await orders(node) == 1)
            #expect(node.ledger.charges == 1)
        }
    }
}

@Suite("Duplicates", .timeLimit(.minutes(10))) struct DuplicateTests {
    /// Whose sleepers sleep until they are cancelled: who only looks now and then looks once.
    private struct Standstill: Clock {
        typealias Instant = ContinuousClock.Instant
        var now: Instant { ContinuousClock().now }
        var minimumResolution: Duration { .zero }
        func sleep(until deadline: Instant, tolerance: Duration?) async throws {
            while true { try await Task.sleep(for: .seconds(3_600)) }
        }
    }

    @Test("a duplicate is woken by the order's decision", arguments: World.shardCounts)
    func woken(shards: Int) async throws {
        let world = World(shards: shards)
        let sku = world.sku("A", on: 1)
        try await world.run { node in
            try await node.receive(sku, 10)
            let checkout = Checkout(
                shards: node.shards, prices: node.checkout.prices, payments: world.ledger.provider(),
                clock: { node.clock.now() }, timer: Standstill(), random: { .random(in: .min ... .max) })
            world.ledger.hold()
            let request = node.request([(sku, 1)])
            async let first = checkout.place(request)
            while world.ledger.waitingCount == 0 { try await Task.sleep(for: .milliseconds(2)) }
            async let second = checkout.place(request)
            let id = try #require(try await ids(node).first)
            // The duplicate has looked, or will find the decision when it looks.
            let changes = node.shards[id.slot].changes(of: Order.self, id)
            world.ledger.letGo()
            for await _ in changes { break }
            let (one, other) = (try await first, try await second)
            #expect(!one.isReplay && other.isReplay && one.state.id == other.state.id)
        }
    }

    private func ids(_ node: Node) async throws -> [OrderID] {
        var ids: [OrderID] = []
        for shard in node.shards.shards {
            ids += try await shard.list(Order.self, group: [], descending: true, limit: 10)
        }
        return ids
    }
}
