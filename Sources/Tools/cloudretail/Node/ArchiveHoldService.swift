import ActorSystem
import Checkout
import Commerce
import EventSourcing
import Logging
import ServiceLifecycle
import Storage

/// Keeps the log that the archive of the cluster has yet to read, whatever retention says, within a limit.
struct ArchiveHoldService: Service {
    /// Of the log of one shard: some three million orders. An archive that is further behind loses its place, so that
    /// one that was given up fills no disk.
    private static let logBytesMax: UInt64 = 1 << 30
    /// A busy shard's log grows by some megabytes meanwhile.
    private static let pause = Duration.seconds(1)

    let shards: ShardMap
    let directory: DataDirectory
    let logger: Logger

    /// - Note: the first look comes before the shards run: nothing is deleted before it.
    init(shards: ShardMap, directory: DataDirectory, logger: Logger) async {
        self.shards = shards
        self.directory = directory
        self.logger = logger
        for shard in shards.shards { await hold(shard) }
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var lost: [ShardID: LogIndex] = [:]
            while !Task.isCancelled {
                for shard in shards.shards {
                    guard let seen = await hold(shard), seen.next < shard.journal.first else { continue }
                    if lost.updateValue(seen, forKey: shard.id) != seen { tell(shard, seen) }
                }
                try? await Task.sleep(for: Self.pause)
            }
        }
    }

    /// Holds what comes behind the archive's position.
    ///
    /// - Returns: the position; nil when there is no archive.
    @discardableResult
    private func hold(_ shard: Shard) async -> LogIndex? {
        let id = ConsumerPositionID.archive(of: shard.id)
        let position = await shard.readCommitted { states in states.read(ConsumerPosition.self, id).state.position }
        guard position > .zero else { return nil }
        directory.hold(shard.id, LogHold(behind: position, bytesMax: Self.logBytesMax))
        return position
    }

    private func tell(_ shard: Shard, _ seen: LogIndex) {
        logger.warning(
            "The archive has lost its place: the log behind it is gone",
            metadata: ["shard": "\(shard.id)", "archived": "\(seen)", "first": "\(shard.journal.first)"])
    }
}
