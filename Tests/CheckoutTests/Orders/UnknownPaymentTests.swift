import ActorSystem
import Commerce
import EventSourcing
import Testing

@testable import Checkout

/// Orders whose charge nobody answered for: pending until the provider says what became of it.
@Suite(.timeLimit(.minutes(10))) struct UnknownPaymentTests {
    /// Places an order over all shards whose charge ends in `fault`, and checks that it waits with its units held.
    private func placePending(_ node: Node, _ skus: [SKU], _ fault: Ledger.Fault) async throws -> OrderID {
        for sku in skus { try await node.receive(sku, 10) }
        node.ledger.arrange(fault)
        let placed = try await node.place(skus.map { ($0, 4) })
        #expect(
            placed.state.firstAnswer == .pending && placed.state.payment == .unknown && placed.state.status == .placed)
        for sku in skus { #expect(try await node.stock(sku).reserved == 4) }
        #expect(try await node.refusal(placed.state.id, .cancel(reason: nil)) == .paymentInProgress)
        return placed.state.id
    }

    private func skus(_ world: World) -> [SKU] { "ABCD".enumerated().map { world.sku(String($1), on: $0) } }

    @Test(arguments: World.shardCounts)
    func aChargeThatHappenedIsFoundAndTheOrderPaid(shards: Int) async throws {
        let world = World(shards: shards)
        let skus = skus(world)
        try await world.run { node in
            let id = try await placePending(node, skus, .answerLost)
            // Not a moment before the deadline in the order.
            world.clock.advance(by: .seconds(16))
            let order = try await node.order(id) { $0.status == .fulfilled }
            #expect(order.charge == node.ledger[id].charge && order.firstAnswer == .pending)
            #expect(node.ledger.charges == 1)
            // Looking was enough: nothing was charged again.
            #expect(node.ledger[id].attempts == 1)
            for sku in skus { try await node.wait(for: sku, onHand: 6, reserved: 0) }
            let replay = try await node.place(skus.map { ($0, 4) })
            #expect(replay.isReplay && replay.state.id == id && replay.state.firstAnswer == .pending)
        }
    }

    @Test(arguments: World.shardCounts)
    func aReconcilerThatBeginsLateLeavesTheOrderToItsDeadline(shards: Int) async throws {
        let world = World(shards: shards)
        let skus = skus(world)
        let home = Int(world.customer().slot.shard(of: shards).rawValue)
        let id = try await world.run([]) { node in
            let id = try await placePending(node, skus, .lost)
            #expect(await node.shards.shards[home].inherited(Order.self).isEmpty)
            return id
        }
        // The next life takes it up at once.
        try await world.run([]) { node in #expect(await node.shards.shards[home].inherited(Order.self) == [id]) }
    }

    @Test(arguments: World.shardCounts)
    func aChargeThatNeverArrivedIsTriedAgainUnderTheSameKey(shards: Int) async throws {
        let world = World(shards: shards)
        let skus = skus(world)
        try await world.run { node in
            let id = try await placePending(node, skus, .lost)
            world.clock.advance(by: .seconds(16))
            try await node.order(id) { $0.status == .fulfilled }
            #expect(node.ledger.charges == 1 && node.ledger[id].isCharged)
            for sku in skus { try await node.wait(for: sku, onHand: 6, reserved: 0) }
        }
    }

    @Test(arguments: World.shardCounts)
    func aChargeThatIsDeclinedInTheEndGivesTheUnitsBack(shards: Int) async throws {
        let world = World(shards: shards)
        let skus = skus(world)
        try await world.run { node in
            let id = try await placePending(node, skus, .lost)
            // The look, then the charge.
            node.ledger.arrange(nil, .decline)
            world.clock.advance(by: .seconds(16))
            let order = try await node.order(id) { $0.status == .rejected }
            #expect(order.rejection == .declined(code: "card_declined") && order.firstAnswer == .pending)
            for sku in skus { try await node.wait(for: sku, onHand: 10, reserved: 0) }
            #expect(node.ledger.charges == 0)
        }
    }

    @Test(arguments: World.shardCounts)
    func pastTheWindowTheChargeIsVoidedAndTheOrderRejected(shards: Int) async throws {
        let world = World(shards: shards)
        let skus = skus(world)
        try await world.run { node in
            let id = try await placePending(node, skus, .late)
            // The look finds nothing; the void is lost and tried again.
            node.ledger.arrange(nil, .lost, nil, .answerLost)
            world.clock.advance(by: .seconds(601))
            while try await node.order(id).status == .placed {
                world.clock.advance(by: .milliseconds(25))
                try await Task.sleep(for: .milliseconds(2))
            }
            let order = try await node.order(id)
            #expect(order.rejection == .paymentExpired && order.payment == .notCharged)
            for sku in skus { try await node.wait(for: sku, onHand: 10, reserved: 0) }
            // The first charge is still on its way, and comes too late.
            node.ledger.deliverLate()
            #expect(node.ledger[id].isVoided && !node.ledger[id].isCharged)
        }
    }

    @Test(arguments: World.shardCounts)
    func whileTheProviderIsSilentTheOrderWaits(shards: Int) async throws {
        let world = World(shards: shards)
        let skus = skus(world)
        try await world.run([.inventory]) { node in
            let id = try await placePending(node, skus, .answerLost)
            world.clock.advance(by: .seconds(3_600))
            for fault in [Ledger.Fault.unreachable, .breakerOpen, .lost] {
                node.ledger.arrange(fault)
                let order = try #require(try await node.checkout.resume(id))
                #expect(order.state.status == .placed && order.state.payment == .unknown)
            }
            for sku in skus { #expect(try await node.stock(sku).reserved == 4) }
            #expect(try await node.checkout.resume(id)?.state.status == .paid)
        }
    }

    @Test(arguments: World.shardCounts)
    func anOrderThatACrashLeftUnfinishedIsNeverCalledUncharged(shards: Int) async throws {
        let world = World(shards: shards)
        let skus = skus(world)
        // The order is on disk; of the answer to its charge nothing is.
        let id = try await world.run([]) { node in
            for sku in skus { try await node.receive(sku, 10) }
            node.ledger.hold()
            return try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    await #expect(throws: CheckoutFailure.self) { try await node.place(skus.map { ($0, 4) }) }
                }
                while node.ledger.waitingCount == 0 { try await Task.sleep(for: .milliseconds(2)) }
                node.life.end()
                node.ledger.letGo()
                try await group.waitForAll()
                let waiting = await node.shards[world.customer().slot].awaiting(Order.self)
                return try #require(waiting.first)
            }
        }
        try await world.run([.inventory]) { node in
            // It may have been charged before the crash: that nobody can be asked now proves nothing.
            node.ledger.arrange(.unreachable)
            let order = try #require(try await node.checkout.resume(id))
            #expect(order.state.status == .placed && order.state.payment == .unknown)
            #expect(try await node.checkout.resume(id)?.state.firstAnswer == .pending)
            try await node.order(id) { $0.status == .fulfilled }
            for sku in skus { try await node.wait(for: sku, onHand: 6, reserved: 0) }
        }
    }

    @Test(arguments: World.shardCounts)
    func aRetryWaitsForTheFirstAnswerAndGivesUpInTime(shards: Int) async throws {
        let world = World(shards: shards) { $0.duplicateWaitMax = .milliseconds(50) }
        let skus = skus(world)
        try await world.run { node in
            for sku in skus { try await node.receive(sku, 10) }
            node.ledger.hold()
            let first = try await withThrowingTaskGroup(of: OrderAnswer.self) { group in
                group.addTask { try await node.place(skus.map { ($0, 4) }) }
                while node.ledger.waitingCount == 0 { try await Task.sleep(for: .milliseconds(2)) }
                let failure = await #expect(throws: CheckoutFailure.self) { try await node.place(skus.map { ($0, 4) }) }
                guard case .stillRunning(let id) = failure else { throw Node.Missing() }
                node.ledger.letGo()
                let first = try #require(try await group.next())
                #expect(first.state.id == id)
                return first
            }
            #expect(first.state.firstAnswer == .paid && node.ledger.charges == 1)
        }
    }
}
