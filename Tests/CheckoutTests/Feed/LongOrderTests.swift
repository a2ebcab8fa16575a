import ActorSystem
import Commerce
import EventSourcing
import Schema
import Testing

@testable import Checkout

@Suite("Orders of many lines", .timeLimit(.minutes(10))) struct LongOrderTests {
    /// SKUs as long as they may be, so that a line takes as much of a record as it can.
    private func skus(_ count: Int) -> [SKU] {
        (0..<count).map { number in
            let digits = String(number)
            return SKU("L" + String(repeating: "0", count: SKU.lengthMax - 1 - digits.count) + digits)!
        }
    }

    @Test("however many of them wait to be fulfilled at once, they are", arguments: World.shardCounts)
    func fulfilled(shards: Int) async throws {
        let world = World(shards: shards)
        let skus = skus(Placement.linesMax)
        let count = 128
        let orders = try await world.run([], limits: ShardLimits()) { node in
            for sku in skus { try await node.receive(sku, Int64(count)) }
            world.ledger.hold()
            let items = skus.map { ($0, Int64(1)) }
            let orders = try await withThrowingTaskGroup(of: OrderID.self) { group in
                for number in 0..<count {
                    group.addTask {
                        let placed = try await node.place(
                            items, by: world.customer(UInt64(number) + 1, on: 0), key: UInt8(number))
                        #expect(placed.state.status == .paid)
                        return placed.state.id
                    }
                }
                // All are placed before one is paid, so that one step of the consumer meets them all.
                while world.ledger.waitingCount < count { try await Task.sleep(for: .milliseconds(5)) }
                world.ledger.letGo()
                return try await group.reduce(into: [OrderID]()) { $0.append($1) }
            }
            return orders
        }
        try await world.run([.inventory, .sales], limits: ShardLimits()) { node in
            for order in orders { try await node.order(order) { $0.status == .fulfilled } }
            for sku in skus { try await node.wait(for: sku, onHand: 0, reserved: 0) }
        }
    }

    @Test("the sales of more SKUs than one record counts are counted in several, each once")
    func counted() async throws {
        let world = World(shards: 1)
        let orders = ["A", "B", "C", "D", "E", "G"].map { letter in
            (0..<Placement.linesMax).map { SKU("\(letter)\($0)")! }
        }
        #expect(orders.count * Placement.linesMax > SalesConsumer.skusPerRecordMax)
        try await world.run([], limits: ShardLimits()) { node in
            try await node.create(orders.map { $0[0] })
            for (number, skus) in orders.enumerated() {
                try await node.shards.execute(on: skus[0].slot, at: world.clock.now()) { batch throws(Stock.Refusal) in
                    for sku in skus { try batch.decide(Stock.self, sku, .receive(1, reference: nil)) }
                }.get()
                let placed = try await node.place(skus.map { ($0, 1) }, key: UInt8(number + 1))
                #expect(placed.state.firstAnswer == .paid)
            }
        }
        try await world.run([.sales], limits: ShardLimits()) { node in
            try await node.caughtUp(.catalogue)
            for skus in orders {
                let product = try await node.shards.read(Product.self, .standing(for: skus[0]))
                #expect(product.state.unitsSold == UInt64(Placement.linesMax))
            }
            let catalogue = node.shards.catalogue
            let position = ConsumerPositionID(.catalogue, of: catalogue.id, on: catalogue.id)
            #expect(try await node.shards.read(ConsumerPosition.self, position).version >= 2)
        }
    }

    private let first = OrderID(at: .zero, slot: Slot(1), random: 1)

    private func index(_ number: UInt64) -> LogIndex { LogIndex(number) }

    @Test("a step is cut by its lines, and each part says how far it has come")
    func cut() {
        var steps = OrderSteps()
        steps.paid = (1...10).map { OrderPaid(index: index($0), order: first) }
        steps.effects = [OrderEffect(index: index(4), order: first, effect: .restock)]
        let lines = [Int](repeating: 4, count: 11)
        let parts = InventoryStep.cut(steps, lines: lines, linesMax: 10, through: index(20))
        #expect(parts.map { $0.paid.count + $0.effects.count } == [2, 2, 2, 2, 2, 1])
        #expect(parts.map(\.last.rawValue) == [2, 3, 5, 7, 9, 20])
        let whole = InventoryStep.cut(steps, lines: lines, linesMax: 100, through: index(20))
        #expect(whole.count == 1 && whole[0].last == index(20))
        #expect(InventoryStep.cut(OrderSteps(), lines: [], linesMax: 1, through: index(3)).map(\.last) == [index(3)])
    }

    @Test("the effects of one record are divided where they may be repeated, and nowhere else")
    func divided() {
        var steps = OrderSteps()
        let kinds: [HoldEffect] = [.restock, .fulfill, .release, .restock, .fulfill]
        steps.effects = kinds.map { OrderEffect(index: index(7), order: first, effect: $0) }
        let parts = InventoryStep.cut(
            steps, lines: [Int](repeating: 6, count: 5), linesMax: 10, through: index(9))
        #expect(parts.map(\.effects.count) == [1, 1, 1, 2])
        #expect(parts.map(\.last.rawValue) == [6, 6, 6, 9])
        let isRestock = parts.map { part in
            part.effects.contains { if case .restock = $0.effect { true } else { false } }
        }
        #expect(isRestock == [false, false, false, true])
    }
}
