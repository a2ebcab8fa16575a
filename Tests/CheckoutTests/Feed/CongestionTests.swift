import ActorSystem
import Commerce
import EventSourcing
import Testing

@testable import Checkout

@Suite("When the log takes nothing for a while", .timeLimit(.minutes(10))) struct CongestionTests {
    private static let refusals: [JournalRefusal] = [.full, .storageFull]

    @Test(
        "consumers try again until it does, and nothing is lost or done twice", arguments: World.shardCounts, refusals)
    func consumers(shards: Int, refusal: JournalRefusal) async throws {
        let world = World(shards: shards)
        let skus = [world.sku("A", on: 0), world.sku("B", on: 1)]
        let orders = try await world.run([]) { node in
            try await node.create(skus)
            for sku in skus { try await node.receive(sku, 100) }
            var orders: [OrderID] = []
            for number in 0..<UInt8(12) {
                let customer = world.customer(on: Int(number))
                let placed = try await node.place([(skus[0], 1), (skus[1], 2)], by: customer, key: number)
                #expect(placed.state.status == .paid)
                orders.append(placed.state.id)
            }
            // Of these the inventory has to give back what it never fulfilled.
            for order in orders.prefix(3) { _ = try await node.change(order, .cancel(reason: nil)) }
            return orders
        }
        world.congestion.refuse(refusal)
        try await world.run([.inventory, .sales]) { node in
            // Each consumer of each shard has been refused, and comes again.
            while world.congestion.refused < 4 * shards { try await Task.sleep(for: .milliseconds(2)) }
            for order in orders.dropFirst(3) { #expect(try await node.order(order).status == .paid) }
            world.congestion.refuse(nil)
            for order in orders.dropFirst(3) { try await node.order(order) { $0.status == .fulfilled } }
            try await node.wait(for: skus[0], onHand: 100 - 9, reserved: 0)
            try await node.wait(for: skus[1], onHand: 100 - 18, reserved: 0)
            try await node.caughtUp(.catalogue)
            for (sku, each) in zip(skus, [1, 2] as [UInt64]) {
                #expect(
                    try await node.shards.read(Product.self, .standing(for: sku)).state.unitsSold == 9
                        * each)
            }
        }
    }

    @Test("an order whose payment could not be written down is driven on", arguments: World.shardCounts, refusals)
    func order(shards: Int, refusal: JournalRefusal) async throws {
        let world = World(shards: shards) { $0.attemptMax = .milliseconds(1) }
        let sku = world.sku("A", on: 1)
        try await world.run { node in
            try await node.receive(sku, 5)
            world.ledger.hold()
            async let placing = node.place([(sku, 1)])
            while world.ledger.waitingCount == 0 { try await Task.sleep(for: .milliseconds(1)) }
            world.congestion.refuse(refusal)
            world.ledger.letGo()
            do {
                let placed = try await placing
                Issue.record("placed, though nothing could be written: \(placed)")
            } catch is CheckoutFailure {}
            #expect(world.ledger.charges == 1)
            world.clock.advance(by: .seconds(1))
            world.congestion.refuse(nil)
            let order = try #require(world.ledger.accounts.keys.first)
            try await node.order(order) { $0.status == .fulfilled }
            try await node.wait(for: sku, onHand: 4, reserved: 0)
            #expect(world.ledger.charges == 1 && world.ledger.problems.isEmpty)
        }
    }
}
