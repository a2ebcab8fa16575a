import ActorSystem
import EventSourcing
import Logging

/// What the leader of a shard does besides answering: orders left undecided are driven on, paid ones fulfilled, sales
/// counted. One node does it at a time, or two for a moment: what they do happens once all the same.
public struct LeaderDuties: Sendable {
    /// Before a duty that was interrupted begins again.
    private static let pause = Duration.milliseconds(200)

    private let reconciler: Reconciler
    private let inventory: InventoryConsumer
    private let sales: SalesConsumer
    private let timer: any Clock<Duration>
    private let logger: Logger

    public init(
        reconciler: Reconciler, inventory: InventoryConsumer, sales: SalesConsumer, timer: any Clock<Duration>,
        logger: Logger
    ) {
        self.reconciler = reconciler
        self.inventory = inventory
        self.sales = sales
        self.timer = timer
        self.logger = logger
    }

    /// Runs until the task is cancelled, which it is when this node leads `shard` no longer.
    public func run(on shard: Shard) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await reconciler.look(after: shard) }
            group.addTask { await again { try await inventory.follow(shard) } }
            group.addTask { await again { try await sales.follow(shard) } }
        }
    }

    /// A step that was refused, or whose outcome is unknown, stands in the log: the next begin finds it there.
    private func again(_ duty: () async throws -> Void) async {
        while !Task.isCancelled {
            do {
                try await duty()
            } catch {
                logger.warning("A duty begins again", metadata: ["error": "\(error)"])
            }
            try? await timer.sleep(for: Self.pause)
        }
    }
}
