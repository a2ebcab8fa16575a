import Logging
import ServiceLifecycle

/// Tells a node that it has left the cluster. It stops then: nothing that it does can count any more.
final class RemovalNotice: Service {
    private let notices: AsyncStream<Void>
    private let giving: AsyncStream<Void>.Continuation
    private let logger: Logger

    init(logger: Logger) {
        self.logger = logger
        (notices, giving) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    func give() { giving.yield() }

    /// Ends with the notice, and the node with it.
    func run() async throws {
        try await cancelWhenGracefulShutdown {
            for await _ in self.notices {
                self.logger.critical(
                    """
                    This node has been removed from the cluster, and stops; a node that comes in its place has another \
                    number and an empty directory
                    """)
                return
            }
        }
    }
}
