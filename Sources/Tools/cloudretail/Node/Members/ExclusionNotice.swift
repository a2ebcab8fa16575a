import Logging
import ServiceLifecycle
import Transport

/// Tells a node that the others do without it, for good. It stops then: nothing that it does can count any more.
final class ExclusionNotice: Service {
    /// The node has lost its disk. Unlike one that an operator has removed, it fails.
    struct DiskLost: Error, CustomStringConvertible {
        let description = """
            The other nodes know this node by another disk, on which it has promised what this one has forgotten: it \
            stops. A node that has lost its disk is replaced by one of another number (cluster replace-node)
            """
    }

    /// The cluster has been upgraded since the node ran last.
    struct Outdated: Error, CustomStringConvertible {
        let description = """
            The cluster has been upgraded past what this program reads: the node stops. Start it with the program that \
            the others run
            """
    }

    private let notices: AsyncStream<LinkRefusal>
    private let giving: AsyncStream<LinkRefusal>.Continuation
    private let logger: Logger

    init(logger: Logger) {
        self.logger = logger
        (notices, giving) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Takes every reason for which a peer has turned this node away; most pass.
    func give(_ reason: LinkRefusal) {
        if [.removed, .disk, .outdated].contains(reason) { giving.yield(reason) }
    }

    /// Ends with the notice, and the node with it.
    ///
    /// - Throws: ``DiskLost``, ``Outdated``.
    func run() async throws {
        try await cancelWhenGracefulShutdown {
            for await reason in self.notices {
                let problem: (any Error)? =
                    switch reason {
                    case .disk: DiskLost()
                    case .outdated: Outdated()
                    default: nil
                    }
                if let problem {
                    self.logger.critical("\(problem)")
                    throw problem
                }
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
