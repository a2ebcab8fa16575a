import ActorSystem
import Commerce
import EventSourcing
import Foundation
import Logging
import Schema
import Storage
import Synchronization
import Testing

@testable import Checkout

/// A clock that goes when it is told to, or by so much each time somebody looks.
final class TestClock: Sendable {
    private let time = Mutex(Timestamp(milliseconds: 1_700_000_000_000))
    private let step: Duration

    init(step: Duration = .zero) { self.step = step }

    func advance(by duration: Duration) { time.withLock { $0 = $0 + duration } }

    func now() -> Timestamp {
        time.withLock { time in
            time = time + step
            return time
        }
    }
}

/// A data directory that goes when the test is done with it.
final class TestDirectory: Sendable {
    let path = FileManager.default.temporaryDirectory.appending(path: "checkout-tests-\(UUID().uuidString)").path
    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// What a shop is made of that outlives a restart.
final class World: Sendable {
    /// Every test runs with the order and its stock on one shard, and with the stock spread.
    static let shardCounts = [1, 4]

    let shardCount: Int
    let clock: TestClock
    let ledger: Ledger
    let directory = TestDirectory()
    let congestion = Congestion()
    var policy: CheckoutPolicy { policyState.withLock { $0 } }
    private let policyState: Mutex<CheckoutPolicy>

    init(
        shards: Int, seed: UInt64 = 0, clock: TestClock = TestClock(),
        _ adjust: (inout CheckoutPolicy) -> Void = { _ in }
    ) {
        shardCount = shards
        self.clock = clock
        ledger = Ledger(seed: seed)
        var policy = CheckoutPolicy()
        policy.reconcileInterval = .milliseconds(2)
        // The clock of most tests stands.
        policy.reconcileRestMax = .zero
        // A machine that is busy elsewhere takes its time, which is no fault of what is tested.
        policy.duplicateWaitMax = .seconds(60)
        adjust(&policy)
        policyState = Mutex(policy)
    }

    /// A SKU whose stock lives on `shard`, if there are so many; the same letter names the same SKU.
    func sku(_ letter: String, on shard: Int = 0) -> SKU {
        for number in 0... {
            let sku = SKU("\(letter)\(number)")!
            if Int(sku.slot.shard(of: shardCount).rawValue) == shard % shardCount { return sku }
        }
        fatalError("SKUs never end")
    }

    /// A customer whom another system knows, so that there need be no account, and whose orders live on `shard`, if
    /// there are so many.
    func customer(_ number: UInt64 = 1, on shard: Int = 0) -> CustomerID {
        CustomerID(at: .zero, slot: Slot(UInt16(shard % shardCount)), random: number << 8)
    }
}

/// Which of the services beside the checkout run.
struct Followers: OptionSet, Sendable {
    let rawValue: Int
    static let inventory = Followers(rawValue: 1)
    static let reconciler = Followers(rawValue: 2)
    static let sales = Followers(rawValue: 4)
    static let prices = Followers(rawValue: 8)
}

/// A shop as one process runs it: shards on the world's directory, a checkout, and what follows the orders.
struct Node: Sendable {
    let world: World
    let directory: DataDirectory
    let shards: ShardMap
    let checkout: Checkout
    let life: Life
    var ledger: Ledger { world.ledger }
    var clock: TestClock { world.clock }
}

extension World {
    /// Opens the directory and runs a node until `body` is done, then drops all that it had in memory.
    ///
    /// - Parameter keeping: how many more records of each shard reach the disk, in the order of the shards; nil is all.
    func run<Answer: Sendable>(
        _ followers: Followers = [.inventory, .reconciler], keeping: [UInt64]? = nil,
        retention: Retention = .everything,
        limits: ShardLimits = .small, salesPause: Duration = .milliseconds(5),
        salesSilentRecordsMax: UInt64 = SalesConsumer.silentRecordsMaxDefault,
        _ body: @Sendable (Node) async throws -> Answer
    ) async throws -> Answer {
        let data = try DataDirectory(
            path: directory.path, shards: shardCount, creating: true, options: .init(retention: retention))
        defer { data.close() }
        let life = Life()
        let shards = ShardMap(
            zip(data.journals, data.states).enumerated().map { position, pair in
                let journal = MortalJournal(
                    pair.0, life: life, keeping: keeping?[position] ?? .max >> 1, congestion: congestion)
                return Shard(
                    id: pair.0.shard, of: shardCount, journal: journal, states: pair.1, kinds: OwnedKind.all,
                    limits: limits, failStop: { fatalError("\($0)") })
            })
        for shard in shards.shards { try await shard.recover() }
        let clock = clock
        let prices = PriceBook { sku in
            PriceBook.Entry(
                product: .standing(for: sku),
                price: Money(amount: sku.description.first == "F" ? 0 : 250, currency: .gbp),
                isActive: sku.description.first != "I")
        }
        let checkout = Checkout(
            shards: shards, prices: prices, payments: ledger.provider(in: life), policy: policy, clock: { clock.now() },
            random: { .random(in: .min ... .max) })
        let node = Node(world: self, directory: data, shards: shards, checkout: checkout, life: life)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            for shard in shards.shards { group.addTask { await shard.run() } }
            let floors = RetentionFloors()
            let logger = Logger(label: "checkout-tests", factory: { _ in SwiftLogNoOpLogHandler() })
            // All of them are made, as on a node: one that does not run holds what it has not seen.
            let inventory = InventoryConsumer(shards: shards, floors: floors, clock: { clock.now() })
            let sales = SalesConsumer(
                shards: shards, prices: prices, floors: floors, pause: salesPause,
                silentRecordsMax: salesSilentRecordsMax, clock: { clock.now() })
            let prices = PriceFollower(catalogue: shards.catalogue, prices: prices, floors: floors) { _ in }
            var duties: [any LeaderDuty] = []
            if followers.contains(.inventory) { duties.append(inventory) }
            if followers.contains(.sales) { duties.append(sales) }
            if followers.contains(.reconciler) { duties.append(Reconciler(checkout, logger: logger)) }
            let leader = LeaderDuties(duties, of: shards, logger: logger)
            group.addTask { await life.forgive { try await leader.run() } }
            if followers.contains(.prices) { group.addTask { await life.forgive { try await prices.run() } } }
            let answer = await Result.catching { try await body(node) }
            life.end()
            group.cancelAll()
            try await group.waitForAll()
            return try answer.get()
        }
    }
}

extension Life {
    /// Whatever a service says once the node is dead, nobody hears. Before that, its end is the node's.
    fileprivate func forgive(_ body: () async throws -> Void) async {
        do {
            try await body()
        } catch {
            // Between the last record kept and the node's end a shard can refuse nothing, so every refusal is the
            // end's.
            if isOver || error is CancellationError { return }
            Issue.record(error, "a service ended")
            end()
        }
    }
}

extension Result where Failure == any Error {
    fileprivate static func catching(_ body: () async throws -> Success) async -> Result {
        do { return .success(try await body()) } catch { return .failure(error) }
    }
}

extension ShardLimits {
    /// So small that every test crosses them: states are saved, and owners leave memory, all the time.
    static var small: ShardLimits {
        var limits = ShardLimits()
        limits.saveLagRecords = 8
        limits.saveLagTicks = 2
        limits.residentsMax = 8
        limits.idleTicks = 2
        limits.alarmRetry = .milliseconds(20)
        limits.tickInterval = .milliseconds(10)
        return limits
    }
}

extension ProductID {
    /// The product that the SKU's letter stands for.
    static func standing(for sku: SKU) -> ProductID {
        ProductID(at: .zero, random: UInt64(sku.utf8.first!) << 2)
    }
}
