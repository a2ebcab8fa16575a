import ActorSystem
import Commerce
import EventSourcing
import Testing

@testable import Checkout

/// Placing an order whose payment is answered at once.
@Suite(.timeLimit(.minutes(10))) struct PlacingTests {
    @Test(arguments: World.shardCounts)
    func aPaidOrderIsChargedOnceAndItsUnitsLeaveEveryShard(shards: Int) async throws {
        let world = World(shards: shards)
        let skus = (0..<4).map { world.sku("A", on: $0) }
        try await world.run { node in
            for sku in Set(skus) { try await node.receive(sku, 10) }
            let placed = try await node.place(skus.map { ($0, 2) }, expectedTotal: 2_000)
            #expect(placed.state.firstAnswer == .paid && !placed.isReplay)
            let order = try await node.order(placed.state.id) { $0.status == .fulfilled }
            #expect(node.ledger[order.id].charge == order.charge && node.ledger[order.id].amount?.amount == 2_000)
            for sku in Set(skus) {
                try await node.wait(for: sku, onHand: skus.count == Set(skus).count ? 8 : 2, reserved: 0)
            }
        }
    }

    @Test(arguments: World.shardCounts)
    func shortagesOnAllShardsAreNamedAndNothingIsHeldOrCharged(shards: Int) async throws {
        let world = World(shards: shards)
        let skus = "ABCD".enumerated().map { world.sku(String($1), on: $0) }
        try await world.run { node in
            for (sku, units) in zip(skus, [1, 10, 3, 10]) { try await node.receive(sku, Int64(units)) }
            for home in 0..<4 {
                let customer = world.customer(on: home)
                let placed = try await node.place(skus.map { ($0, 5) }, by: customer, key: UInt8(home))
                let expected = [
                    Shortage(sku: skus[0], requested: 5, available: 1),
                    Shortage(sku: skus[2], requested: 5, available: 3),
                ]
                guard case .insufficientStock(let shortages) = placed.state.rejection else {
                    Issue.record("\(placed.state)")
                    continue
                }
                #expect(shortages.sorted { $0.sku < $1.sku } == expected.sorted { $0.sku < $1.sku })
                for (sku, units) in zip(skus, [1, 10, 3, 10]) {
                    try await node.wait(for: sku, onHand: Int64(units), reserved: 0)
                }
            }
            #expect(node.ledger.accounts.isEmpty)
        }
    }

    @Test(arguments: World.shardCounts)
    func aDeclinedOrderGivesItsUnitsBackEverywhere(shards: Int) async throws {
        let world = World(shards: shards)
        let skus = "ABCD".enumerated().map { world.sku(String($1), on: $0) }
        try await world.run { node in
            for sku in skus { try await node.receive(sku, 10) }
            node.ledger.arrange(.decline)
            let placed = try await node.place(skus.map { ($0, 5) })
            #expect(placed.state.firstAnswer == .rejected(.declined(code: "card_declined")))
            for sku in skus { try await node.wait(for: sku, onHand: 10, reserved: 0) }
            #expect(node.ledger.charges == 0)
        }
    }

    @Test(arguments: World.shardCounts, [Ledger.Fault.breakerOpen, .unreachable])
    func whenNoPaymentCouldBeTriedTheSameKeyMayTryAnew(shards: Int, fault: Ledger.Fault) async throws {
        let world = World(shards: shards)
        let skus = "ABCD".enumerated().map { world.sku(String($1), on: $0) }
        try await world.run { node in
            for sku in skus { try await node.receive(sku, 10) }
            node.ledger.arrange(fault)
            let first = try await node.place(skus.map { ($0, 5) })
            #expect(first.state.status == .rejected && !first.isReplay)
            for sku in skus { try await node.wait(for: sku, onHand: 10, reserved: 0) }
            let second = try await node.place(skus.map { ($0, 5) })
            #expect(second.state.firstAnswer == .paid && !second.isReplay && second.state.id != first.state.id)
            let third = try await node.place(skus.map { ($0, 5) })
            #expect(third.isReplay && third.state.id == second.state.id)
            #expect(node.ledger.charges == 1)
            for sku in skus { try await node.wait(for: sku, onHand: 5, reserved: 0) }
        }
    }

    /// An attempt that was held up on its way comes after another under its key has been refused.
    @Test(arguments: World.shardCounts)
    func whatIsRejectedForGoodIsToldAgainWhenItCouldBePlaced(shards: Int) async throws {
        let world = World(shards: shards)
        let skus = "ABCD".enumerated().map { world.sku(String($1), on: $0) }
        try await world.run { node in
            for sku in skus.dropLast() { try await node.receive(sku, 10) }
            let first = try await node.place(skus.map { ($0, 5) })
            #expect(first.state.status == .rejected && first.state.firstAnswer != nil)
            try await node.receive(skus[3], 10)
            let second = try await node.place(skus.map { ($0, 5) })
            #expect(second.isReplay && second.state.id == first.state.id && second.state.status == .rejected)
            await #expect(throws: CheckoutFailure.refused(.keyReused)) {
                try await node.place(skus.map { ($0, 4) }, body: 9)
            }
            node.ledger.arrange(.decline)
            let declined = try await node.place(skus.map { ($0, 4) }, key: 2)
            #expect(declined.state.rejection == .declined(code: "card_declined"))
            let again = try await node.place(skus.map { ($0, 4) }, key: 2)
            #expect(again.isReplay && again.state.id == declined.state.id)
            #expect(node.ledger.charges == 0)
            let third = try await node.place(skus.map { ($0, 4) }, key: 3)
            #expect(third.state.firstAnswer == .paid && !third.isReplay)
            #expect(node.ledger.charges == 1)
            for sku in skus { try await node.wait(for: sku, onHand: 6, reserved: 0) }
        }
    }

    /// A retry that comes while the first attempt is under way waits for that one and tries nothing itself.
    @Test(arguments: World.shardCounts)
    func aRetryWaitsForTheAttemptThatIsUnderWay(shards: Int) async throws {
        let world = World(shards: shards) { $0.duplicateWaitMax = .milliseconds(50) }
        let sku = world.sku("A", on: 1)
        try await world.run { node in
            try await node.receive(sku, 10)
            node.ledger.arrange(.decline)
            node.ledger.hold()
            async let first = node.place([(sku, 5)])
            while node.ledger.waitingCount == 0 { try await Task.sleep(for: .milliseconds(2)) }
            await #expect(throws: CheckoutFailure.refused(.keyReused)) { try await node.place([(sku, 5)], body: 9) }
            var running: OrderID?
            do throws(CheckoutFailure) {
                _ = try await node.checkout.place(node.request([(sku, 5)]))
            } catch {
                if case .stillRunning(let id) = error { running = id }
            }
            node.ledger.letGo()
            let original = try await first.state
            #expect(running == original.id)
            #expect(original.firstAnswer == .rejected(.declined(code: "card_declined")))
            let again = try await node.place([(sku, 5)])
            #expect(again.isReplay && again.state.id == original.id)
        }
    }

    @Test(arguments: World.shardCounts)
    func anOrderThatCostsNothingIsPaidWithoutTheProvider(shards: Int) async throws {
        let world = World(shards: shards)
        let sku = world.sku("F", on: 1)
        try await world.run { node in
            try await node.receive(sku, 3)
            let placed = try await node.place([(sku, 1)])
            #expect(placed.state.firstAnswer == .paid && placed.state.total?.amount == 0)
            try await node.wait(for: sku, onHand: 2, reserved: 0)
            let cancelled = try await node.change(placed.state.id, .cancel(reason: nil))
            #expect(cancelled.state.payment == .notCharged)
            try await node.wait(for: sku, onHand: 3, reserved: 0)
            let given = try await node.place([(sku, 1)], key: 2)
            try await node.order(given.state.id) { $0.status == .fulfilled }
            let refunded = try await node.change(given.state.id, .refund(reason: nil, restock: true))
            #expect(refunded.state.status == .refunded && refunded.state.refundDueSince == nil)
            try await node.wait(for: sku, onHand: 3, reserved: 0)
            #expect(node.ledger.accounts.isEmpty && node.ledger.problems.isEmpty)
        }
    }

    @Test(arguments: World.shardCounts, [0, 1])
    func twoLinesOfOneSKUAreHeldTogether(shards: Int, home: Int) async throws {
        let world = World(shards: shards)
        let sku = world.sku("A", on: home)
        try await world.run { node in
            try await node.receive(sku, 7)
            let short = try await node.place([(sku, 4), (sku, 4)], key: 1)
            let shortage = Shortage(sku: sku, requested: 8, available: 7)
            #expect(short.state.firstAnswer == .rejected(.insufficientStock([shortage])))
            let placed = try await node.place([(sku, 4), (sku, 3)], key: 2)
            #expect(placed.state.firstAnswer == .paid && placed.state.total?.amount == 1_750)
            try await node.wait(for: sku, onHand: 0, reserved: 0)
        }
    }

    @Test(arguments: World.shardCounts)
    func aHundredRetriesAtOnceAreOneOrderAndOneAnswer(shards: Int) async throws {
        let world = World(shards: shards)
        let skus = [world.sku("A", on: 0), world.sku("B", on: 1)]
        try await world.run { node in
            for sku in skus { try await node.receive(sku, 1_000) }
            let answers = try await withThrowingTaskGroup(of: OrderAnswer.self) { group in
                for _ in 0..<100 { group.addTask { try await node.place(skus.map { ($0, 1) }) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(Set(answers.map(\.state.id)).count == 1)
            #expect(Set(answers.map(\.state.firstAnswer)) == [.paid])
            #expect(answers.count { !$0.isReplay } == 1)
            #expect(node.ledger.charges == 1)
            for sku in skus { try await node.wait(for: sku, onHand: 999, reserved: 0) }
        }
    }

    @Test(arguments: World.shardCounts)
    func whatIsRefusedLeavesNothingBehindButItsKey(shards: Int) async throws {
        let world = World(shards: shards)
        let (sku, inactive) = (world.sku("A", on: 1), world.sku("I"))
        try await world.run { node in
            try await node.receive(sku, 10)
            let total = Money(amount: 500, currency: .gbp)
            await #expect(throws: CheckoutFailure.refused(.totalDiffers(actual: total))) {
                try await node.place([(sku, 2)], key: 1, expectedTotal: 499)
            }
            await #expect(throws: CheckoutFailure.refused(.inactiveSKU(item: 1))) {
                try await node.place([(sku, 2), (inactive, 1)], key: 2)
            }
            await #expect(throws: CheckoutFailure.refused(.invalid(.lines))) { try await node.place([], key: 3) }
            await #expect(throws: CheckoutFailure.refused(.invalid(.quantity(line: 0)))) {
                try await node.place([(sku, 0)], key: 4)
            }
            #expect(try await node.stock(sku).reserved == 0)
            // As the same request would be taken if it were decided anew.
            await #expect(throws: CheckoutFailure.refused(.totalDiffers(actual: total))) {
                try await node.place([(sku, 2)], key: 1, expectedTotal: 500)
            }
            await #expect(throws: CheckoutFailure.refused(.keyReused)) {
                try await node.place([(sku, 2)], key: 2, body: 9)
            }
            let placed = try await node.place([(sku, 2)], key: 5, expectedTotal: 500)
            #expect(placed.state.firstAnswer == .paid)
            await #expect(throws: CheckoutFailure.refused(.keyReused)) {
                try await node.place([(sku, 2)], key: 5, body: 9)
            }
            #expect(node.ledger.charges == 1)
        }
    }
}
