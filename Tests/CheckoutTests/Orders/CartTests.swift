import ActorSystem
import Commerce
import EventSourcing
import Schema
import Testing

@testable import Checkout

/// What becomes of the cart that an order was made from.
@Suite(.timeLimit(.minutes(10))) struct CartTests {
    @Test(arguments: World.shardCounts)
    func aPaidOrderTakesWhatWasOrderedOutOfTheCartInTheRecordOfThePayment(shards: Int) async throws {
        let world = World(shards: shards)
        let (a, b) = (world.sku("A", on: 0), world.sku("B", on: 1))
        try await world.run { node in
            for sku in [a, b] { try await node.receive(sku, 10) }
            try await node.fillCart([(a, 5), (b, 2)])
            let placed = try await node.place([(a, 1), (b, 2), (a, 1)], clearsCart: true)
            #expect(placed.state.firstAnswer == .paid)
            #expect(try await node.cart() == [CartLine(sku: a, quantity: 3)])
            #expect(try node.recordOfPayment(placed.state.id).contains { $0.kind == Cart.kind })
            // The answer is given again; the cart is not cleared again.
            try await node.fillCart([(a, 7)])
            #expect(try await node.place([(a, 1), (b, 2), (a, 1)], clearsCart: true).isReplay)
            #expect(try await node.cart() == [CartLine(sku: a, quantity: 7)])
        }
    }

    @Test(arguments: World.shardCounts, [Ledger.Fault.decline, .unreachable, .breakerOpen])
    func anOrderThatIsNotPaidLeavesTheCartAsItWas(shards: Int, fault: Ledger.Fault) async throws {
        let world = World(shards: shards)
        let (a, b) = (world.sku("A", on: 0), world.sku("B", on: 1))
        try await world.run { node in
            for sku in [a, b] { try await node.receive(sku, 3) }
            try await node.fillCart([(a, 5), (b, 2)])
            let cart = try await node.cart()
            node.ledger.arrange(fault)
            #expect(try await node.place([(a, 2), (b, 1)], clearsCart: true).state.status == .rejected)
            #expect(try await node.cart() == cart)
            #expect(try await node.place([(a, 4), (b, 1)], key: 2, clearsCart: true).state.status == .rejected)
            #expect(try await node.cart() == cart)
            await #expect(throws: CheckoutFailure.self) {
                try await node.place([(a, 1)], key: 3, expectedTotal: 1, clearsCart: true)
            }
            #expect(try await node.cart() == cart)
        }
    }

    @Test(arguments: World.shardCounts)
    func anOrderWhosePaymentIsUnknownClearsTheCartWhenItTurnsOutPaidEvenAfterARestart(shards: Int) async throws {
        let world = World(shards: shards)
        let (a, b) = (world.sku("A", on: 0), world.sku("B", on: 1))
        let id = try await world.run { node in
            for sku in [a, b] { try await node.receive(sku, 10) }
            try await node.fillCart([(a, 5), (b, 2)])
            node.ledger.arrange(.answerLost)
            let placed = try await node.place([(a, 2), (b, 2)], clearsCart: true)
            #expect(placed.state.firstAnswer == .pending)
            #expect(try await node.cart() == [CartLine(sku: a, quantity: 5), CartLine(sku: b, quantity: 2)])
            // The customer has thought better of it meanwhile: what is gone is gone, and nothing goes below zero.
            try await node.fillCart([(a, 1), (b, 6)])
            return placed.state.id
        }
        try await world.run { node in
            world.clock.advance(by: .seconds(16))
            try await node.order(id) { $0.status == .fulfilled }
            #expect(try await node.cart() == [CartLine(sku: b, quantity: 4)])
        }
    }

    @Test(arguments: World.shardCounts)
    func anOrderThatCostsNothingTakesItsUnitsOutAsWell(shards: Int) async throws {
        let world = World(shards: shards)
        let sku = world.sku("F", on: 1)
        try await world.run { node in
            try await node.receive(sku, 10)
            try await node.fillCart([(sku, 3)])
            #expect(try await node.place([(sku, 2)], clearsCart: true).state.firstAnswer == .paid)
            #expect(try await node.cart() == [CartLine(sku: sku, quantity: 1)])
        }
    }

    @Test(arguments: World.shardCounts)
    func anOrderThatIsNotMadeFromTheCartLeavesIt(shards: Int) async throws {
        let world = World(shards: shards)
        let sku = world.sku("A", on: 1)
        try await world.run { node in
            try await node.receive(sku, 10)
            try await node.fillCart([(sku, 3)])
            #expect(try await node.place([(sku, 2)]).state.firstAnswer == .paid)
            #expect(try await node.cart() == [CartLine(sku: sku, quantity: 3)])
        }
    }
}

extension Node {
    fileprivate func fillCart(_ lines: [(SKU, Units)]) async throws {
        let customer = world.customer()
        _ = try await shards.execute(on: customer.slot, at: clock.now()) { batch throws(Cart.Refusal) in
            for (sku, units) in lines { try batch.decide(Cart.self, customer, .setItem(sku, units)) }
        }.get()
    }

    fileprivate func cart() async throws -> [CartLine] {
        try await shards.read(Cart.self, world.customer()).state.lines
    }

    /// The parts of the record that says that the order is paid.
    fileprivate func recordOfPayment(_ id: OrderID) throws -> [RecordBody.Entry] {
        for record in try shards[id.slot].journal.records(from: LogIndex(1), countMax: .max, bytesMax: .max) {
            let entries = try RecordBody(record.bytes).entries
            for entry in entries where entry.kind == Order.kind && OrderID(encoded: entry.id) == id {
                for bytes in entry.events {
                    if case .paid = try Order.decodeEvent(bytes) { return entries }
                }
            }
        }
        return []
    }
}
