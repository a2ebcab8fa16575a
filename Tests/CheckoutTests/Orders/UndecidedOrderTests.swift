import ActorSystem
import Commerce
import EventSourcing
import Testing

@testable import Checkout

/// What one customer's unknown payments may keep from others.
@Suite(.timeLimit(.minutes(10))) struct UndecidedOrderTests {
    private let max = CheckoutPolicy().unknownOrdersMax

    @Test(arguments: World.shardCounts)
    func aCustomerWithManyUnknownPaymentsIsRefusedAndNoOtherIs(shards: Int) async throws {
        let world = World(shards: shards)
        let sku = world.sku("A")
        try await world.run([]) { node in
            try await node.receive(sku, 100)
            for key in 1...UInt8(max) {
                world.ledger.arrange(.lost)
                #expect(try await node.place([(sku, 1)], key: key).state.payment == .unknown)
            }
            await #expect(throws: CheckoutFailure.self) { try await node.place([(sku, 1)], key: 100) }
            // Nothing is held for what was refused, and the same request may be tried again.
            #expect(try await node.stock(sku).reserved.rawValue == Int64(max))
            #expect(try await node.place([(sku, 1)], key: 1).isReplay)
            #expect(try await node.place([(sku, 1)], by: world.customer(2), key: 101).state.status == .paid)
            try await node.placeAsStaff([(sku, 1)], for: world.customer(), key: 102)

            let waiting = await node.shards[world.customer().slot].awaiting(Order.self)
            for id in waiting { try await node.checkout.resume(id) }
            #expect(try await node.place([(sku, 1)], key: 100).state.status == .paid)
        }
    }

    @Test func aGuestMayHaveFewerUndecidedThanACustomer() throws {
        let policy = CheckoutPolicy()
        let orders = UndecidedOrders(policy)
        let world = World(shards: 1)
        var request = OrderRequest(
            customer: world.customer(), placedBy: world.customer(), items: [],
            key: IdempotencyKeyID(slot: Slot(0), digest: Digest256([UInt8](repeating: 1, count: 32))!),
            fingerprint: Digest256([UInt8](repeating: 2, count: 32))!)
        request.sender = .guest(EmailAddress("ann@example.org")!)
        for _ in 0..<policy.underWayByGuestMax { #expect(!orders.began(request)) }
        #expect(orders.began(request))
        request.sender = .customer
        #expect(!orders.began(request))
    }

    @Test func theLimitHoldsAcrossARestart() async throws {
        let world = World(shards: 1)
        let sku = world.sku("A")
        try await world.run([]) { node in
            try await node.receive(sku, 100)
            for key in 1...UInt8(max) {
                world.ledger.arrange(.lost)
                try await node.place([(sku, 1)], key: key)
            }
        }
        try await world.run([]) { node in
            for id in await node.shards.catalogue.awaiting(Order.self) {
                world.ledger.arrange(.unreachable)
                try await node.checkout.resume(id)
            }
            let failure = await #expect(throws: CheckoutFailure.self) { try await node.place([(sku, 1)], key: 100) }
            #expect(failure == .refused(.tooManyUndecided))
        }
    }

    @Test(arguments: World.shardCounts)
    func manyUnitsAreFreeAgainAsSoonAsTheProviderSaysThatItHasNoCharge(shards: Int) async throws {
        let world = World(shards: shards)
        let (few, many) = (world.sku("A", on: 0), world.sku("B", on: 1))
        try await world.run([.inventory]) { node in
            for sku in [few, many] { try await node.receive(sku, 1_000) }
            world.ledger.arrange(.late)
            let placed = try await node.place([(few, 1), (many, 1_000)])
            #expect(placed.state.firstAnswer == .pending && placed.state.rejection == .paymentExpired)
            for sku in [few, many] { try await node.wait(for: sku, onHand: 1_000, reserved: 0) }
            // The charge that is still on its way comes too late.
            world.ledger.deliverLate()
            #expect(!world.ledger[placed.state.id].isCharged)
            #expect(try await node.place([(many, 1_000)], by: world.customer(2), key: 2).state.status == .paid)
        }
    }

    @Test func aChargeThatWasMadeIsFoundAndNotGivenUp() async throws {
        let world = World(shards: 1)
        let sku = world.sku("A")
        try await world.run([]) { node in
            try await node.receive(sku, 1_000)
            world.ledger.arrange(.answerLost)
            let placed = try await node.place([(sku, 1_000)])
            #expect(placed.state.status == .paid && placed.state.firstAnswer == .pending)
            #expect(world.ledger.charges == 1)
        }
    }

    @Test func whatStaffOrderForOthersIsTriedAgain() async throws {
        let world = World(shards: 1)
        let sku = world.sku("A")
        try await world.run { node in
            try await node.receive(sku, 1_000)
            world.ledger.arrange(.lost)
            let id = try await node.placeAsStaff([(sku, 1_000)], for: world.customer(), key: 1)
            #expect(try await node.order(id).payment == .unknown)
            world.clock.advance(by: .seconds(16))
            try await node.order(id) { $0.status == .fulfilled }
        }
    }

    @Test func ordersUnderWayAreLimitedForACustomerAndNotForStaff() async throws {
        let world = World(shards: 1) { $0.underWayMax = 2 }
        let sku = world.sku("A")
        try await world.run([]) { node in
            try await node.receive(sku, 100)
            world.ledger.hold()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for key in 1...2 as ClosedRange<UInt8> { group.addTask { try await node.place([(sku, 1)], key: key) } }
                while world.ledger.waitingCount < 2 { try await Task.sleep(for: .milliseconds(1)) }
                let failure = await #expect(throws: CheckoutFailure.self) { try await node.place([(sku, 1)], key: 3) }
                #expect(failure == .refused(.tooManyUndecided))
                group.addTask { try await node.placeAsStaff([(sku, 1)], for: world.customer(), key: 4) }
                group.addTask { try await node.place([(sku, 1)], by: world.customer(2), key: 5) }
                while world.ledger.waitingCount < 4 { try await Task.sleep(for: .milliseconds(1)) }
                world.ledger.letGo()
                try await group.waitForAll()
            }
            #expect(try await node.place([(sku, 1)], key: 3).state.status == .paid)
        }
    }
}
