import Cluster
import Consensus
import Gateway
import Logging
import ServiceLifecycle

/// Tells the other nodes several times a second what this one is, and hears of them.
struct Gossip: Service {
    private static let interval = Duration.milliseconds(250)

    private let links: any PeerLinks
    private let board: ClusterBoard
    private let peers: @Sendable () -> [NodeID]

    /// To be called before the links begin.
    ///
    /// - Parameter peers: the other members at this moment.
    init(_ links: any PeerLinks, board: ClusterBoard, peers: @escaping @Sendable () -> [NodeID], logger: Logger) {
        self.links = links
        self.board = board
        self.peers = peers
        links.receive(on: .gossip) { peer, frame in
            do {
                switch try GossipMessage(decoding: frame) {
                // A node speaks for itself alone.
                case .facts(let facts): if facts.node == peer.rawValue { board.take(facts) }
                }
            } catch {
                logger.warning("A peer says what cannot be read", metadata: ["peer": "\(peer)", "error": "\(error)"])
            }
        }
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                let frame = GossipMessage.facts(board.facts).encoded()
                for peer in peers() { links.send(frame, on: .gossip, to: peer) }
                try? await Task.sleep(for: Self.interval)
            }
        }
    }
}
