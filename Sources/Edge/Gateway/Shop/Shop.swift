import ActorSystem
import Checkout
import Commerce
import EventSourcing
import Schema

/// What the routes serve: the aggregates, and the services around them. One a node.
public struct Shop: Sendable {
    public let shards: ShardMap
    public let checkout: Checkout
    public let prices: PriceBook
    public let priceFollower: PriceFollower
    public let clock: @Sendable () -> Timestamp
    public let random: @Sendable () -> UInt64
    public let freshness: Freshness

    public init(
        shards: ShardMap, checkout: Checkout, prices: PriceBook, priceFollower: PriceFollower,
        clock: @escaping @Sendable () -> Timestamp, random: @escaping @Sendable () -> UInt64
    ) {
        self.shards = shards
        self.checkout = checkout
        self.prices = prices
        self.priceFollower = priceFollower
        self.clock = clock
        self.random = random
        freshness = Freshness(of: shards)
    }

    /// What the catalogue says of `sku`, with every change that any node had acknowledged before the call.
    func entry(of sku: SKU) async throws -> PriceBook.Entry? {
        try await priceFollower.catchUp()
        return prices[sku]
    }

    /// Runs `step` on the leader of its shard; its refusal is thrown as it is.
    ///
    /// - Parameter actor: who asks, which the record names. A route cannot leave it out.
    func run<Step: ShardStep>(_ step: Step, by actor: ActorID?) async throws -> Step.Answer {
        try await shards.run(step, at: clock(), by: actor).get()
    }
}

extension ExecutionFailure: ProblemConvertible {
    public var problem: Problem {
        switch self {
        case .refused(.full): Problem(.overloaded).retry(after: .seconds(1))
        case .refused(.storageFull):
            Problem(.storageFull, "Nothing is taken on until there is room.")
                .retry(after: .seconds(1))
        case .refused(.recordTooLarge(let bytesMax)):
            Problem(.bodyTooLarge, "What this changes takes more than \(bytesMax) bytes to record.")
        case .refused(.newerThanCluster): Problem(.upgrading).retry(after: .seconds(5))
        case .refused(.closed): Problem(.noLeader).retry(after: .seconds(1))
        case .outcomeUnknown: Problem(.outcomeUnknown).retry(after: .seconds(1))
        }
    }
}
