import ActorSystem
import Commerce
import EventSourcing
import Schema
import Steps
import Testing

@testable import Checkout

/// What becomes of an order that has been paid: fulfilled, cancelled, shipped, refunded.
@Suite(.timeLimit(.minutes(10))) struct OrderLifeTests {
    private func skus(_ world: World) -> [SKU] { "ABCD".enumerated().map { world.sku(String($1), on: $0) } }

    private func placePaid(_ node: Node, _ skus: [SKU], key: UInt8 = 1) async throws -> OrderID {
        for sku in skus { try await node.receive(sku, 10) }
        let placed = try await node.place(skus.map { ($0, 4) }, key: key)
        #expect(placed.state.firstAnswer == .paid)
        return placed.state.id
    }

    @Test(arguments: World.shardCounts)
    func cancelledBeforeFulfilmentItsUnitsAreReleasedOnceAndItsMoneyGoesBack(shards: Int) async throws {
        let world = World(shards: shards)
        let skus = skus(world)
        let id = try await world.run([]) { node in
            let id = try await placePaid(node, skus)
            let cancelled = try await node.change(id, .cancel(reason: "changed my mind"))
            #expect(cancelled.state.status == .cancelled && cancelled.state.payment == .refunded)
            #expect(try await node.change(id, .cancel(reason: nil)).version == cancelled.version)
            #expect(try await node.refusal(id, .ship(tracking: nil)) == .illegalTransition(from: .cancelled, .ship))
            return id
        }
        // The consumer sees the payment first, and must not fulfil what has been cancelled since.
        try await world.run { node in
            for sku in skus { try await node.wait(for: sku, onHand: 10, reserved: 0) }
            try await node.caughtUp()
            for sku in skus { try await node.wait(for: sku, onHand: 10, reserved: 0) }
            #expect(try await node.order(id).status == .cancelled && !node.ledger[id].isCharged)
        }
    }

    @Test(arguments: World.shardCounts)
    func cancelledAfterFulfilmentItsUnitsComeBackOnceThroughRestarts(shards: Int) async throws {
        let world = World(shards: shards)
        let skus = skus(world)
        try await world.run { node in
            let id = try await placePaid(node, skus)
            try await node.order(id) { $0.status == .fulfilled }
            for sku in skus { try await node.wait(for: sku, onHand: 6, reserved: 0) }
            let cancelled = try await node.change(id, .cancel(reason: nil))
            #expect(cancelled.state.status == .cancelled && cancelled.state.payment == .refunded)
            for sku in skus { try await node.wait(for: sku, onHand: 10, reserved: 0) }
        }
        for _ in 0..<3 {
            try await world.run { node in
                try await node.caughtUp()
                for sku in skus { try await node.wait(for: sku, onHand: 10, reserved: 0) }
            }
        }
    }

    @Test(arguments: World.shardCounts)
    func aRefundIsTriedUntilTheProviderConfirmsIt(shards: Int) async throws {
        let world = World(shards: shards)
        let skus = skus(world)
        try await world.run { node in
            let id = try await placePaid(node, skus)
            try await node.order(id) { $0.status == .fulfilled }
            node.ledger.arrange(.unreachable, .lost, .answerLost)
            let asked = try await node.change(id, .refund(reason: "late", restock: false))
            #expect(asked.state.payment == .refundPending && asked.state.status == .fulfilled)
            #expect(try await node.refusal(id, .ship(tracking: nil)) == .refundInProgress)
            #expect(try await node.refusal(id, .cancel(reason: nil)) == .refundInProgress)
            while try await node.order(id).payment == .refundPending {
                world.clock.advance(by: .milliseconds(25))
                try await Task.sleep(for: .milliseconds(2))
            }
            let order = try await node.order(id)
            #expect(order.status == .refunded && order.refund != nil && order.refundDueSince == nil)
            #expect(node.ledger[id].refunds == 1 && node.ledger.problems.isEmpty)
            // It had not been shipped: the units are still here, whatever was asked.
            for sku in skus { try await node.wait(for: sku, onHand: 10, reserved: 0) }
        }
    }

    @Test(arguments: World.shardCounts, [true, false])
    func shippedGoodsComeBackWhenTheRefundSaysSo(shards: Int, restock: Bool) async throws {
        let world = World(shards: shards)
        let skus = skus(world)
        try await world.run { node in
            let id = try await placePaid(node, skus)
            try await node.order(id) { $0.status == .fulfilled }
            #expect(try await node.change(id, .ship(tracking: "JD0002")).state.tracking == "JD0002")
            #expect(try await node.change(id, .deliver).state.status == .delivered)
            #expect(try await node.refusal(id, .cancel(reason: nil)) == .illegalTransition(from: .delivered, .cancel))
            let refunded = try await node.change(id, .refund(reason: nil, restock: restock))
            #expect(refunded.state.status == .refunded && refunded.state.payment == .refunded)
            #expect(try await node.change(id, .refund(reason: nil, restock: restock)).version == refunded.version)
            try await node.caughtUp()
            for sku in skus { try await node.wait(for: sku, onHand: restock ? 10 : 6, reserved: 0) }
        }
    }

    @Test(arguments: World.shardCounts)
    func onlyTheCustomerAndStaffChangeAnOrder(shards: Int) async throws {
        let world = World(shards: shards)
        let skus = skus(world)
        try await world.run { node in
            let id = try await placePaid(node, skus)
            let stranger = try await node.checkout.change(
                ChangeOrder(id, .cancel(reason: nil), of: world.customer(2)), by: world.customer(2))
            guard case .failure(.notFound) = stranger else {
                Issue.record("a stranger cancelled: \(stranger)")
                return
            }
            let stale = try await node.checkout.change(
                ChangeOrder(
                    id, .cancel(reason: nil), of: world.customer(), if: Preconditions(ifMatch: "\"99\"")),
                by: world.customer())
            guard case .failure(.condition) = stale else {
                Issue.record("cancelled at another version: \(stale)")
                return
            }
            #expect(try await node.order(id).status != .cancelled)
        }
    }

    /// A count at its limit has no room for a return; the shop lives on.
    @Test(arguments: World.shardCounts)
    func aReturnToAFullShelfStopsNobody(shards: Int) async throws {
        let world = World(shards: shards)
        let sku = world.sku("A", on: 1)
        try await world.run { node in
            let id = try await placePaid(node, [sku])
            try await node.wait(for: sku, onHand: 6, reserved: 0)
            try await node.receive(sku, Units.max.rawValue - 9)
            try await node.order(id) { $0.status == .fulfilled }
            #expect(try await node.change(id, .cancel(reason: nil)).state.status == .cancelled)
            try await node.wait(for: sku, onHand: Units.max.rawValue, reserved: 0)
        }
    }

    /// However long it pauses, a restart does not read more than so many records again.
    @Test func salesKeepUpWithALogThatGrowsFasterThanTheyRest() async throws {
        let world = World(shards: 1)
        let sku = world.sku("A")
        try await world.run(
            [.sales], limits: ShardLimits(), salesPause: .seconds(3_600), salesSilentRecordsMax: 2_000
        ) { node in
            try await node.create([sku])
            try await node.receive(sku, 10)
            for key in 0..<UInt8(2) {
                try await node.place([(sku, 1)], key: key)
                if key == 1 { try await node.write(2_004, of: sku) }
                try await node.caughtUp(.catalogue)
            }
            #expect(try await node.shards.read(Product.self, .standing(for: sku)).state.unitsSold == 2)
        }
    }

    @Test(arguments: World.shardCounts)
    func whatIsCancelledOrComesBackIsNotSoldHoweverOftenTheNodeRestarts(shards: Int) async throws {
        let world = World(shards: shards)
        let skus = [world.sku("A", on: 0), world.sku("B", on: 1)]
        let sold = { @Sendable (node: Node, sku: SKU) in
            try await node.shards.read(Product.self, .standing(for: sku)).state.unitsSold
        }
        let kept = try await world.run([.inventory, .sales]) { node in
            try await node.create(skus)
            for sku in skus { try await node.receive(sku, 100) }
            for key in 0..<UInt8(3) {
                let placed = try await node.place(skus.map { ($0, 10) }, by: world.customer(on: Int(key)), key: key)
                if key == 0 { try await node.caughtUp(.catalogue) }
                #expect(try await node.change(placed.state.id, .cancel(reason: nil)).state.status == .cancelled)
            }
            return try await node.place(skus.map { ($0, 4) }, by: world.customer(on: 3), key: 9).state.id
        }
        try await world.run([.inventory, .sales]) { node in
            try await node.caughtUp(.catalogue)
            for sku in skus { #expect(try await sold(node, sku) == 4) }
            try await node.order(kept) { $0.status == .fulfilled }
            _ = try await node.change(kept, .ship(tracking: nil))
            let returned = try await node.change(kept, .refund(reason: nil, restock: true))
            #expect(returned.state.status == .refunded)
        }
        for _ in 0..<2 {
            try await world.run([.inventory, .sales]) { node in
                try await node.caughtUp(.catalogue)
                for sku in skus { #expect(try await sold(node, sku) == 0) }
            }
        }
    }

    /// The customer has the goods and the money: they were sold all the same.
    @Test(arguments: World.shardCounts)
    func aRefundWithoutAReturnLeavesTheUnitsSold(shards: Int) async throws {
        let world = World(shards: shards)
        let sku = world.sku("A", on: 1)
        try await world.run([.inventory, .sales]) { node in
            try await node.create([sku])
            let id = try await placePaid(node, [sku])
            try await node.order(id) { $0.status == .fulfilled }
            _ = try await node.change(id, .ship(tracking: nil))
            _ = try await node.change(id, .refund(reason: nil, restock: false))
            try await node.caughtUp(.catalogue)
            #expect(try await node.shards.read(Product.self, .standing(for: sku)).state.unitsSold == 4)
        }
    }

    @Test(arguments: World.shardCounts)
    func unitsSoldAreCountedOnceThroughRestarts(shards: Int) async throws {
        let world = World(shards: shards)
        let skus = [world.sku("A", on: 0), world.sku("B", on: 1)]
        for life in 0..<4 {
            try await world.run([.inventory, .sales]) { node in
                if life == 0 { try await node.create(skus) }
                for shard in 0..<4 {
                    for sku in skus { try await node.receive(sku, 3) }
                    let customer = world.customer(on: shard)
                    let placed = try await node.place(
                        [(skus[0], 1), (skus[1], 2)], by: customer, key: UInt8(life * 4 + shard))
                    #expect(placed.state.firstAnswer == .paid)
                    // Half of the orders are counted before the restart, the others after it.
                    if shard == 1 { try await node.caughtUp(.catalogue) }
                }
            }
        }
        try await world.run([.inventory, .sales]) { node in
            try await node.caughtUp(.catalogue)
            for (sku, each) in zip(skus, [1, 2] as [UInt64]) {
                #expect(
                    try await node.shards.read(Product.self, .standing(for: sku)).state.unitsSold == 16
                        * each)
            }
        }
    }
}

extension Node {
    /// Writes so many records that have nothing to do with orders.
    fileprivate func write(_ count: Int, of sku: SKU) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<16 {
                group.addTask { for _ in 0..<(count / 16 + 1) { try await receive(sku, Int64(writer + 1)) } }
            }
            try await group.waitForAll()
        }
    }

    /// Returns once `consumer` has seen every order's event that is in the logs now.
    func caughtUp(_ consumer: Consumer = .inventory) async throws {
        for source in shards.shards {
            let committed = source.journal.committed
            guard committed > .zero else { continue }
            var last = LogIndex.zero
            for record in try source.journal.records(from: LogIndex(1), countMax: .max, bytesMax: .max)
            where record.index <= committed {
                let steps = try OrderStepReader.read([record])
                let countsSales = !steps.paid.isEmpty || !steps.returned.isEmpty
                if consumer == .catalogue ? countsSales : steps.movesStock { last = record.index }
            }
            let target = consumer == .catalogue ? shards.catalogue : source
            let id = ConsumerPositionID(consumer, of: source.id, on: target.id)
            while try await shards.read(ConsumerPosition.self, id).state.position < last {
                try await Task.sleep(for: .milliseconds(2))
            }
        }
    }
}
