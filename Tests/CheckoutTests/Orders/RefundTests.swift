import ActorSystem
import Commerce
import EventSourcing
import Schema
import Steps
import Testing

@testable import Checkout

/// Orders of which a part of the money goes back, and goods with it or not.
@Suite(.timeLimit(.minutes(10))) struct RefundTests {
    private func skus(_ world: World) -> [SKU] { "ABCD".enumerated().map { world.sku(String($1), on: $0) } }

    /// An order of four units of each SKU, at 250, that has been shipped.
    private func shipped(_ node: Node, _ skus: [SKU]) async throws -> OrderID {
        for sku in skus { try await node.receive(sku, 10) }
        let id = try await node.place(skus.map { ($0, 4) }).state.id
        try await node.order(id) { $0.status == .fulfilled }
        return try await node.change(id, .ship(tracking: nil)).state.id
    }

    /// The order, once no refund is owed.
    private func settled(_ node: Node, _ id: OrderID) async throws -> Order {
        while true {
            let order = try await node.order(id)
            if order.refundDueSince == nil { return order }
            node.clock.advance(by: .milliseconds(25))
            try await Task.sleep(for: .milliseconds(2))
        }
    }

    private func part(_ items: (SKU, Units, Bool?)...) -> Order.Command {
        .refundPart(.items(items.map { RefundItem(sku: $0, quantity: $1, restock: $2) }), reason: nil)
    }

    @Test(arguments: World.shardCounts)
    func linesComeBackWhereTheySaySoOnceThroughRestarts(shards: Int) async throws {
        let world = World(shards: shards)
        let skus = skus(world)
        let id = try await world.run { node in
            let id = try await shipped(node, skus)
            _ = try await node.change(id, part((skus[0], 1, true), (skus[1], 2, false), (skus[2], 3, true)))
            let refunded = try await settled(node, id)
            #expect(refunded.status == .shipped && refunded.payment == .partlyRefunded)
            #expect(refunded.refunded == 1_500 && node.ledger[id].amountRefunded == 1_500)
            _ = try await node.change(id, .refundPart(.amount(100), reason: "late"))
            _ = try await settled(node, id)
            #expect(node.ledger[id].refunds == 2 && node.ledger[id].amountRefunded == 1_600)
            return id
        }
        for _ in 0..<2 {
            try await world.run { node in
                try await node.caughtUp()
                for (sku, units) in zip(skus, [7, 6, 9, 6] as [Int64]) {
                    try await node.wait(for: sku, onHand: units, reserved: 0)
                }
            }
        }
        try await world.run { node in
            _ = try await node.change(id, .refund(reason: nil, restock: true))
            let whole = try await settled(node, id)
            #expect(whole.status == .refunded && whole.refunded == 4_000)
            #expect(node.ledger[id].amountRefunded == 4_000 && node.ledger.problems.isEmpty)
            try await node.caughtUp()
            // Two of the second were said to be gone for good.
            for (sku, units) in zip(skus, [10, 8, 10, 10] as [Int64]) {
                try await node.wait(for: sku, onHand: units, reserved: 0)
            }
        }
    }

    @Test(arguments: World.shardCounts)
    func aCancelledOrderGivesBackWhatNoPartHasGivenBack(shards: Int) async throws {
        let world = World(shards: shards)
        let skus = skus(world)
        try await world.run { node in
            for sku in skus { try await node.receive(sku, 10) }
            let id = try await node.place(skus.map { ($0, 4) }).state.id
            try await node.order(id) { $0.status == .fulfilled }
            // Nothing is said of the first, and it has not left the house.
            _ = try await node.change(id, part((skus[0], 1, nil), (skus[1], 1, false)))
            _ = try await node.change(id, .cancel(reason: nil))
            let cancelled = try await settled(node, id)
            #expect(cancelled.status == .cancelled && cancelled.payment == .refunded)
            #expect(node.ledger[id].refunded == [1: 500, 2: 3_500] && node.ledger.problems.isEmpty)
            for (sku, units) in zip(skus, [10, 9, 10, 10] as [Int64]) {
                try await node.wait(for: sku, onHand: units, reserved: 0)
            }
        }
    }

    @Test(arguments: World.shardCounts)
    func partsAreTriedUntilTheProviderConfirmsEach(shards: Int) async throws {
        let world = World(shards: shards)
        let skus = skus(world)
        let id = try await world.run([.inventory]) { node in
            let id = try await shipped(node, skus)
            node.ledger.arrange(.lost, .answerLost, .unreachable)
            for amount in [100, 200, 300] as [Int64] {
                let asked = try await node.change(id, .refundPart(.amount(amount), reason: nil))
                #expect(asked.state.payment == .refundPending && asked.state.status == .shipped)
            }
            return id
        }
        // After a crash, too.
        try await world.run { node in
            let order = try await settled(node, id)
            #expect(order.status == .shipped && order.payment == .partlyRefunded && order.refunded == 600)
            #expect(node.ledger[id].refunded == [1: 100, 2: 200, 3: 300] && node.ledger.problems.isEmpty)
        }
    }

    @Test(arguments: World.shardCounts)
    func manyPartsAtOnceComeToNoMoreThanWasPaid(shards: Int) async throws {
        let world = World(shards: shards)
        let skus = skus(world)
        try await world.run { node in
            let id = try await shipped(node, skus)
            let taken = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<30 {
                    group.addTask {
                        try await node.refusal(id, .refundPart(.amount(300), reason: nil)) == nil ? 300 : 0
                    }
                }
                return try await group.reduce(0, +)
            }
            #expect(taken == 3_900)
            _ = try await node.change(id, .refund(reason: nil, restock: false))
            #expect(try await settled(node, id).status == .refunded)
            #expect(node.ledger[id].amountRefunded == 4_000 && node.ledger.problems.isEmpty)
        }
    }

    @Test(arguments: World.shardCounts)
    func oneKeyIsOneRefundOrOneRefusalThroughRestarts(shards: Int) async throws {
        let world = World(shards: shards)
        let skus = skus(world)
        let key = { @Sendable (id: OrderID, number: UInt8, body: UInt8) in
            StepKey(
                id: IdempotencyKeyID(slot: id.slot, digest: Digest256([UInt8](repeating: number, count: 32))!),
                fingerprint: Digest256([UInt8](repeating: body, count: 32))!)
        }
        let ask = { @Sendable (node: Node, id: OrderID, amount: Int64, number: UInt8) in
            try await node.checkout.change(
                ChangeOrder(
                    id, .refundPart(.amount(amount), reason: nil), of: nil,
                    key: key(id, number, UInt8(amount % 100))),
                by: Node.clerk)
        }
        let id = try await world.run { node in
            let id = try await shipped(node, skus)
            let excess = try await ask(node, id, 4_001, 76)
            guard case .failure(.order(.refundExceedsPayment(left: 4_000, _))) = excess else {
                Issue.record("more than was paid goes back")
                return id
            }
            let replays = try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<20 { group.addTask { try await ask(node, id, 502, 77).get().isReplay } }
                return try await group.reduce(into: [Bool]()) { $0.append($1) }
            }
            #expect(replays.count { !$0 } == 1)
            return id
        }
        try await world.run { node in
            // As it was refused, and not as it would be now.
            let excess = try await ask(node, id, 4_001, 76)
            guard case .failure(.order(.refundExceedsPayment(left: 4_000, _))) = excess else {
                Issue.record("a key has not kept its refusal")
                return
            }
            #expect(try await ask(node, id, 502, 77).get().isReplay)
            guard case .failure(.keyReused) = try await ask(node, id, 503, 77) else {
                Issue.record("another refund under the same key")
                return
            }
            _ = try await settled(node, id)
            #expect(node.ledger[id].refunded == [1: 502])
        }
    }

    @Test(arguments: World.shardCounts)
    func whatComesBackInPartsIsSoldNoLonger(shards: Int) async throws {
        let world = World(shards: shards)
        let skus = skus(world)
        let expect = { @Sendable (node: Node, expected: [UInt64]) in
            try await node.caughtUp(.catalogue)
            for (sku, units) in zip(skus, expected) {
                #expect(
                    try await node.shards.read(Product.self, .standing(for: sku)).state.unitsSold == units)
            }
        }
        let id = try await world.run([.inventory, .sales]) { node in
            try await node.create(skus)
            let id = try await shipped(node, skus)
            _ = try await node.change(id, part((skus[0], 1, true), (skus[1], 2, false)))
            try await expect(node, [3, 4, 4, 4])
            _ = try await node.change(id, .refundPart(.amount(100), reason: nil))
            return id
        }
        try await world.run([.inventory, .sales]) { node in
            _ = try await node.change(id, .refund(reason: nil, restock: true))
            try await expect(node, [0, 2, 0, 0])
        }
    }
}
