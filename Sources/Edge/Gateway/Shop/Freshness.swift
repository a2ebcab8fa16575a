import ActorSystem
import ServiceLifecycle
import Synchronization

/// How old at most what this node shows without a barrier is: each second it asks with a barrier, and what it has then
/// is as new as the moment of asking.
public final class Freshness: Service {
    private static let interval = Duration.seconds(1)

    private let shards: ShardMap
    /// The moment as of which all shards of this node are known to show everything; nil before the first.
    private let confirmed = Mutex<ContinuousClock.Instant?>(nil)

    public init(of shards: ShardMap) { self.shards = shards }

    /// Nil while it is not known.
    func staleness() -> Duration? { confirmed.withLock { $0 }.map { ContinuousClock.now - $0 } }

    /// Asks until the node shuts down.
    public func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await self.confirm()
                try? await Task.sleep(for: Self.interval)
            }
        }
    }

    /// Asks all shards now. Without a majority nothing changes, and what this node shows gets older.
    func confirm() async {
        let asked = ContinuousClock.now
        for shard in shards.shards {
            do throws(ExecutionFailure) { try await shard.barrier() } catch { return }
        }
        confirmed.withLock { $0 = asked }
    }
}
