import Commerce
import EventSourcing
import Testing

@testable import Checkout

@Suite(.timeLimit(.minutes(2))) struct ReconcilerTests {
    /// A provider that does not answer holds the orders up, and nothing else.
    @Test(arguments: World.shardCounts)
    func reservationsLapseWhileTheProviderKeepsAnOrderWaiting(shards: Int) async throws {
        let world = World(shards: shards) { $0.attemptMax = .seconds(1) }
        let sku = world.sku("A")
        let hold = HoldID(at: .zero, slot: sku.slot, random: 1 << 20)
        let order = try await world.run([]) { node in
            try await node.receive(sku, 5)
            world.ledger.arrange(.lost)
            return try await node.place([(sku, 1)]).state.id
        }
        // After the restart the order is asked about, and the provider says nothing for a long while.
        world.ledger.hold()
        try await world.run([.reconciler]) { node in
            world.clock.advance(by: .seconds(60))
            while world.ledger.waitingCount == 0 { try await Task.sleep(for: .milliseconds(1)) }
            let until = world.clock.now() + .seconds(5)
            _ = try await node.shards.execute(on: sku.slot, at: world.clock.now()) { batch throws(Stock.Refusal) in
                try batch.decide(Stock.self, sku, .reserve(.manual(hold), 2, until: until))
            }.get()
            #expect(try await node.stock(sku).reserved == 3)
            world.clock.advance(by: .seconds(6))
            try await node.wait(for: sku, onHand: 5, reserved: 1)
            #expect(try await node.order(order).payment == .unknown)
            world.ledger.letGo()
        }
    }
}
