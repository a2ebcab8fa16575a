import Logging
import ServiceLifecycle
import Storage

/// Says for which nodes a new cluster waits.
struct FoundingService: Service {
    let directory: DataDirectory
    let logger: Logger

    /// Nodes that are started together meet sooner.
    private static let pause = Duration.seconds(2)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var told: [UInt64] = []
            while !Task.isCancelled {
                do { try await Task.sleep(for: Self.pause) } catch { return }
                let awaited = directory.awaitedFounders.map(\.rawValue)
                if awaited != told, !awaited.isEmpty {
                    logger.warning(
                        """
                        A new cluster is founded by all its nodes together: this one waits for the others. One without \
                        its disk is replaced by one of another number (cluster replace-node)
                        """, metadata: ["awaited": "\(awaited.map { "\($0)" }.joined(separator: ", "))"])
                }
                told = awaited
            }
        }
    }
}
