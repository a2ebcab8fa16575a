import Cluster
import Consensus
import Gateway
import Logging
import ServiceLifecycle

/// Tells the other nodes several times a second what this one is, and what its callers have used up; hears the same of
/// them.
struct Gossip: Service {
    private static let factsInterval = Duration.milliseconds(250)
    private static let usesInterval = Duration.milliseconds(50)
    /// Messages of uses that are sent at once; more callers wait for the next time.
    private static let usesMessagesMax = 8

    private let links: any PeerLinks
    private let board: ClusterBoard
    private let limiter: RateLimiter
    private let peers: @Sendable () -> [NodeID]

    /// To be called before the links begin.
    ///
    /// - Parameter peers: the other members at this moment.
    init(
        _ links: any PeerLinks, board: ClusterBoard, limiter: RateLimiter, peers: @escaping @Sendable () -> [NodeID],
        logger: Logger
    ) {
        self.links = links
        self.board = board
        self.limiter = limiter
        self.peers = peers
        let monotonic = GatewayClock.system.monotonic
        links.receive(on: .gossip) { peer, frame in
            do {
                switch try GossipMessage(decoding: frame) {
                // A node speaks for itself alone.
                case .facts(let facts): if facts.node == peer.rawValue { board.take(facts) }
                case .uses(let uses): limiter.merge(uses, now: monotonic())
                }
            } catch {
                logger.warning("A peer says what cannot be read", metadata: ["peer": "\(peer)", "error": "\(error)"])
            }
        }
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await repeating(every: Self.factsInterval) { send(.facts(board.facts)) } }
                group.addTask { await repeating(every: Self.usesInterval, sendUses) }
                group.addTask { for await _ in limiter.heavyUses { sendUses() } }
            }
        }
    }

    private func repeating(every interval: Duration, _ body: @Sendable () -> Void) async {
        while !Task.isCancelled {
            body()
            try? await Task.sleep(for: interval)
        }
    }

    @Sendable private func sendUses() {
        for _ in 0..<Self.usesMessagesMax {
            let uses = limiter.takeUses(countMax: GossipMessage.usesMax)
            if uses.isEmpty { return }
            send(.uses(uses))
        }
    }

    private func send(_ message: GossipMessage) {
        let frame = message.encoded()
        for peer in peers() { links.send(frame, on: .gossip, to: peer) }
    }
}
