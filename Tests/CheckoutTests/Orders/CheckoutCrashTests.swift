import ActorSystem
import Commerce
import EventSourcing
import Foundation
import Schema
import Testing

@testable import Checkout

/// Random programs of orders, changes and payment faults on a node that dies at random records, several times over.
///
/// `SEED` runs one seed, `SEEDS` so many of them.
@Suite(.timeLimit(.minutes(10))) struct CheckoutCrashTests {
    static let seeds: [UInt64] = {
        let environment = ProcessInfo.processInfo.environment
        if let seed = environment["SEED"].flatMap(UInt64.init) { return [seed] }
        return Array(1...(environment["SEEDS"].flatMap(UInt64.init) ?? 60))
    }()
    private static let receivedUnits: Int64 = 45
    private static let storiesCount = 24
    private static let deathsMax = 4

    /// Each world maps a database of its own: the address space has room for so many.
    private static let worldsAtOnceMax = 8

    @Test(arguments: World.shardCounts)
    func whateverDiesTheBooksBalance(shards: Int) async {
        await withTaskGroup(of: Void.self) { group in
            for (position, seed) in Self.seeds.enumerated() {
                if position >= Self.worldsAtOnceMax { await group.next() }
                group.addTask {
                    do {
                        try await runProgram(shards: shards, seed: seed)
                    } catch {
                        Issue.record(error, "SEED=\(seed), \(shards) shards")
                    }
                }
            }
        }
    }

    private func runProgram(shards: Int, seed: UInt64) async throws {
        var random = SplitMix(seed: seed << 8 | UInt64(shards))
        let world = World(shards: shards, seed: random.next(), clock: TestClock(step: .milliseconds(1))) { policy in
            policy.attemptMax = .milliseconds(100)
            policy.paymentWindow = .milliseconds(400)
            policy.duplicateWaitMax = .milliseconds(50)
        }
        let skus = "ABCF".enumerated().map { world.sku(String($1), on: $0) }
        let stories = (0..<Self.storiesCount).map { Story(key: UInt8($0), in: world, random: &random) }
        try await world.run { node in for sku in skus { try await node.receive(sku, Self.receivedUnits) } }

        world.ledger.fail(perHundred: 30)
        for _ in 0..<(1 + random.below(Self.deathsMax)) {
            // Some shards write on while another has stopped.
            let keeping = (0..<shards).map { _ in
                random.below(3) == 0 ? .max >> 1 : UInt64(1 + random.below(160 / shards))
            }
            let delay = Duration.microseconds(random.below(4_000))
            try await world.run(keeping: keeping) { node in
                await withTaskGroup(of: Void.self) { group in
                    group.addTask {
                        await node.life.doomed()
                        try? await Task.sleep(for: delay)
                        node.life.end()
                    }
                    await tell(stories, on: node)
                    node.life.end()
                }
            }
        }

        world.ledger.fail(perHundred: 10)
        try await world.run { node in
            await tell(stories, on: node)
            try await node.atRest()
            world.ledger.deliverLate()
            try await node.caughtUp()
            try await check(stories, skus, on: node, "SEED=\(seed), \(shards) shards")
        }
    }

    private func tell(_ stories: [Story], on node: Node) async {
        await withTaskGroup(of: Void.self) { group in
            for (position, story) in stories.enumerated() {
                // Few at once, so that a death finds orders in every state.
                if position >= 6 { await group.next() }
                group.addTask { await story.pursue(on: node) }
            }
        }
    }

    private func check(_ stories: [Story], _ skus: [SKU], on node: Node, _ seed: Comment) async throws {
        let audit = try Audit(node.shards)
        for sku in skus {
            let stock = try await node.stock(sku)
            #expect(stock.reserved == 0, seed)
            #expect(stock.onHand.rawValue == Self.receivedUnits - (audit.taken[sku] ?? 0), seed)
        }
        var orders: [OrderID: Order] = [:]
        for id in audit.orders { orders[id] = try await node.order(id) }
        for order in orders.values { checkMoney(order, node.ledger[order.id], seed) }
        for id in node.ledger.accounts.keys { #expect(orders[id] != nil, "charged, and not in the log; \(seed)") }
        #expect(node.ledger.problems.isEmpty, seed)
        for story in stories { check(story, orders, seed) }
    }

    private func check(_ story: Story, _ orders: [OrderID: Order], _ seed: Comment) {
        #expect(story.problems.isEmpty, seed)
        for answer in story.answers {
            #expect(orders[answer.order]?.firstAnswer == answer.first, "\(answer.order); \(seed)")
        }
        let standing = orders.values.filter {
            if case .rejected(let rejection)? = $0.firstAnswer, !rejection.isFinal { return false }
            return $0.placement?.paymentMethod == "pm_\(story.key)"
        }
        #expect(standing.count <= 1, "one key, one order; \(seed)")
        guard let order = standing.first, let last = story.later.prefix(story.acknowledged).last else { return }
        let expected: [OrderStatus] = switch last {
        case .cancel: [.cancelled]
        case .refund: [.refunded]
        case .deliver: [.delivered]
        case .refundPart: [.fulfilled, .shipped, .cancelled, .refunded]
        default: [.shipped, .delivered, .refunded]
        }
        #expect(expected.contains { $0 == order.status }, "\(order.id) was told \(last); \(seed)")
    }

    private func checkMoney(_ order: Order, _ account: Ledger.Account, _ seed: Comment) {
        let comment: Comment = "\(order), \(account); \(seed)"
        guard order.total?.amount != 0 else {
            #expect(account.attempts == 0, comment)
            return
        }
        switch order.status {
        case .rejected:
            #expect(!account.isCharged, comment)
            if order.rejection == .paymentUnavailable { #expect(account.attempts == 0, comment) }
        case .cancelled, .refunded:
            #expect(account.charge == order.charge && !account.isVoided, comment)
            #expect(account.amountRefunded == order.total?.amount && order.refunded == order.total?.amount, comment)
            #expect(account.refunds == order.refunds.count { $0.amount > 0 }, comment)
        case .fulfilled, .shipped, .delivered:
            #expect(account.isCharged && account.charge == order.charge && account.amount == order.total, comment)
            #expect(account.amountRefunded == order.refunded, comment)
        case .placed, .paid, nil:
            Issue.record("not at rest; \(comment)")
        }
    }
}

extension Node {
    /// Returns once no order has anywhere to go by itself.
    func atRest() async throws {
        for id in try Audit(shards).orders {
            let order = try await order(id) { $0.status != .placed && $0.status != .paid && $0.refundDueSince == nil }
            try #require(order.status != nil)
        }
    }
}
