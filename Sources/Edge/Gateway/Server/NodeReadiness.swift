import Accounts
import ActorSystem
import Checkout
import EventSourcing
import Synchronization

/// What a node that starts has yet to do before it serves: its views have to show what the cluster had committed when
/// it started, and a key of its own has to be published. Once it serves it is ready for as long as it hears of leaders.
public final class NodeReadiness: Sendable {
    private struct State {
        /// How far each shard's log was final when the node started, in the order of the shards; nil before a leader
        /// has said so.
        var targets: [LogIndex?]
        var isPublished = false
    }

    /// Before a shard without a leader is asked again.
    private static let retryPause = Duration.milliseconds(50)

    private let shards: ShardMap
    private let views: ShopViews
    private let identity: Identity
    private let clock: GatewayClock
    private let state: Mutex<State>
    private let hasOpened = Atomic<Bool>(false)

    public init(_ shards: ShardMap, views: ShopViews, identity: Identity, clock: GatewayClock = .system) {
        self.shards = shards
        self.views = views
        self.identity = identity
        self.clock = clock
        state = Mutex(State(targets: shards.shards.map { _ in nil }))
    }

    /// Whether requests are answered, be it that tokens are refused.
    var isOpen: Bool { hasOpened.load(ordering: .acquiring) }

    /// Whether the node serves all requests.
    public var isReady: Bool { reason == nil }

    /// Why the node cannot serve, for people; nil when it can.
    public var reason: String? {
        if isOpen { return staleness }
        let state = state.withLock { $0 }
        for (shard, target) in zip(shards.shards, state.targets) {
            guard let target else { return "No leader of shard \(shard.id) is known yet." }
            let behind = behind(target, of: shard)
            if behind > 0 { return "The views of shard \(shard.id) are behind, by entries: \(behind)." }
        }
        return state.isPublished ? "The last preparations are under way." : "No key for tokens is published yet."
    }

    public var check: ReadinessCheck {
        ReadinessCheck("node") { self.reason.map { ReadinessCheck.Health.failing($0) } ?? .good }
    }

    private var staleness: String? {
        guard let (shard, since) = identity.freshness?.stalest(at: clock.monotonic()) else { return nil }
        guard let since else { return "No leader of shard \(shard) has been heard of." }
        return "No leader of shard \(shard) has been heard of for \(Int64(since / .milliseconds(1))) ms."
    }

    private func behind(_ target: LogIndex, of shard: Shard) -> UInt64 {
        var applied = identity.credentials.applied(of: shard.id)
        if shard.id == .catalogue { applied = min(applied, views.priceFollower.applied) }
        return target > applied ? target.rawValue - applied.rawValue : 0
    }

    /// Waits until the views show what was committed anywhere when this was called.
    ///
    /// - Throws: `CancellationError`.
    func showPresent() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for shard in shards.shards { group.addTask { try await self.showPresent(of: shard) } }
            try await group.waitForAll()
        }
    }

    private func showPresent(of shard: Shard) async throws {
        let target = try await present(of: shard)
        state.withLock { $0.targets[Int(shard.id.rawValue)] = target }
        await identity.credentials.catchUp(to: target, of: shard.id)
        if shard.id == .catalogue {
            await views.priceFollower.catchUp(to: target)
            await views.search.catchUp(to: target)
        }
        try Task.checkCancellation()
    }

    private func present(of shard: Shard) async throws -> LogIndex {
        while true {
            do throws(ExecutionFailure) {
                return try await shard.journalBarrier()
            } catch {
                try await Task.sleep(for: Self.retryPause)
            }
        }
    }

    func notePublished() { state.withLock { $0.isPublished = true } }
    func open() { hasOpened.store(true, ordering: .releasing) }
}
