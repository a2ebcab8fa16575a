import Commerce
import EventSourcing
import Testing

@testable import Checkout

@Suite(.timeLimit(.minutes(10))) struct ReconcilerTests {
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

    /// A provider that hangs for many orders, of many customers, and for all of one customer's: it answers for the
    /// others, and each of those is decided though none of the hanging ones ever ends.
    @Test(arguments: World.shardCounts)
    func ordersForWhichTheProviderHangsKeepNoOthersWaiting(shards: Int) async throws {
        let world = World(shards: shards) {
            $0.reconciledAtOnceMax = 4
            $0.unknownOrdersByStaffMax = .max
        }
        let sku = world.sku("A")
        let (hanging, answered) = try await world.run([]) { node in
            try await node.receive(sku, 1_000)
            var orders: [OrderID] = []
            for number in 1...40 {
                world.ledger.arrange(.answerLost)
                // Every second order is one customer's.
                let customer = CustomerID(
                    at: .zero, slot: Slot(UInt16(number % 2 == 0 ? 0 : number) * 64), random: UInt64(number % 2) << 8)
                orders.append(try await node.placeAsStaff([(sku, 1)], for: customer, key: UInt8(number)))
            }
            // Those of that customer, and eight of others'.
            let hanging = orders.enumerated().filter { $0.offset % 2 == 1 || $0.offset < 16 }.map(\.element)
            return (Set(hanging), Set(orders).subtracting(hanging))
        }
        world.ledger.hold(hanging)
        try await world.run([.reconciler]) { node in
            for order in answered {
                while try await node.order(order).status == .placed {
                    // What hangs is slow by now.
                    world.clock.advance(by: .milliseconds(500))
                    try await Task.sleep(for: .milliseconds(2))
                }
            }
            for order in hanging { #expect(try await node.order(order).status == .placed) }
            world.ledger.letGo()
        }
    }
}

@Suite struct ReconcilerQueueTests {
    private func order(_ number: UInt64, slot: UInt16) -> OrderID {
        OrderID(at: .zero, slot: Slot(slot), random: number << 8)
    }

    private func queue(places: Int, restMax: Duration = .seconds(16)) -> ReconcilerQueue {
        var policy = CheckoutPolicy()
        policy.reconciledAtOnceMax = places
        policy.reconcileRestMax = restMax
        return ReconcilerQueue(policy)
    }

    @Test func anEndedOrderMakesRoomForTheNextAtOnce() {
        var queue = queue(places: 2)
        for number in 1...3 as ClosedRange<UInt64> { queue.add(order(number, slot: UInt16(number))) }
        let first = queue.next(at: .zero)
        #expect(first == order(1, slot: 1) && queue.next(at: .zero) == order(2, slot: 2))
        #expect(queue.next(at: .zero) == nil)
        queue.ended(order(1, slot: 1), isDecided: true, at: .zero)
        #expect(queue.next(at: .zero) == order(3, slot: 3))
    }

    @Test func anOrderThatTakesLongGivesUpItsPlaceAndTheSlowOnesAreBounded() {
        var queue = queue(places: 1)
        for number in 1...9 as ClosedRange<UInt64> { queue.add(order(number, slot: UInt16(number))) }
        var now = Timestamp.zero
        var started = 0
        while let _ = queue.next(at: now) {
            started += 1
            #expect(queue.next(at: now) == nil)
            now = now + .seconds(1)
            queue.look(at: now)
        }
        #expect(started == 4)
    }

    @Test func oneCustomersOrdersTakeAQuarterAndOthersGoBeforeThem() {
        var queue = queue(places: 4)
        for number in 1...10 as ClosedRange<UInt64> { queue.add(order(number, slot: 7)) }
        queue.add(order(11, slot: 8))
        let started = (0..<4).compactMap { _ in queue.next(at: .zero) }
        #expect(started.count == 4)
        #expect(queue.next(at: .zero) == nil)
        queue.look(at: .zero + .seconds(1))
        #expect(queue.next(at: .zero + .seconds(1)) == order(11, slot: 8))
        #expect(queue.next(at: .zero + .seconds(1)) == nil)
    }

    @Test func whatWasTriedInVainRestsLongerEachTime() {
        var queue = queue(places: 1, restMax: .seconds(3))
        let hanging = order(1, slot: 1)
        var now = Timestamp.zero
        for rest in [1, 2, 3, 3] {
            queue.add(hanging)
            #expect(queue.next(at: now) == hanging)
            queue.ended(hanging, isDecided: false, at: now)
            now = now + .milliseconds(rest * 1_000 - 1)
            queue.add(hanging)
            #expect(queue.next(at: now) == nil)
            now = now + .milliseconds(1)
        }
    }

    @Test func aClockThatIsSetBackKeepsNoOrderRestingAndNonePlace() {
        var queue = queue(places: 1)
        let (hanging, next) = (order(1, slot: 1), order(2, slot: 2))
        let (late, early) = (Timestamp.zero + .seconds(7_200), Timestamp.zero + .seconds(3_600))
        queue.add(hanging)
        #expect(queue.next(at: late) == hanging)
        queue.ended(hanging, isDecided: false, at: late)
        queue.add(hanging)
        #expect(queue.next(at: late) == nil)
        queue.add(hanging)
        #expect(queue.next(at: early) == hanging)
        // Under way since a time that is yet to come: it counts as slow, and makes room.
        queue.ended(hanging, isDecided: true, at: early)
        queue.add(hanging)
        #expect(queue.next(at: late) == hanging)
        queue.add(next)
        queue.look(at: early)
        #expect(queue.next(at: early) == next)
    }
}
