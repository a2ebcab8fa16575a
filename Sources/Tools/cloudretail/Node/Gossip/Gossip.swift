import Cluster
import Consensus
import EventSourcing
import Gateway
import Logging
import ServiceLifecycle

/// Tells the other nodes several times a second what this one is, and what its callers have used up; hears the same of
/// them.
struct Gossip: Service {
    static let factsInterval = Duration.milliseconds(250)
    /// What has changed is told at once; this is for nodes that were away.
    private static let membersInterval = Duration.seconds(1)
    /// Operators look about once a second.
    private static let loadInterval = Duration.milliseconds(500)
    private static let usesInterval = Duration.milliseconds(50)
    /// Messages of uses that are sent at once; more callers wait for the next time.
    private static let usesMessagesMax = 8

    private let links: any PeerLinks
    private let board: ClusterBoard
    private let limiter: RateLimiter
    private let peers: @Sendable () -> [NodeID]
    private let book: MemberBook?
    private let goals: AsyncStream<MembershipGoal>
    private let pursue: @Sendable (MembershipGoal) -> Void

    /// To be called before the links begin.
    ///
    /// - Parameters:
    ///   - peers: the other members at this moment.
    ///   - book: of the members; nil where nothing changes it.
    ///   - pursue: takes the next step towards a goal on the shards that this node leads.
    init(
        _ links: any PeerLinks, board: ClusterBoard, limiter: RateLimiter, peers: @escaping @Sendable () -> [NodeID],
        book: MemberBook? = nil, pursue: @escaping @Sendable (MembershipGoal) -> Void = { _ in }, logger: Logger
    ) {
        // One that is passed over is told again.
        let (goals, hearing) = AsyncStream<MembershipGoal>.makeStream(bufferingPolicy: .bufferingNewest(1))
        (self.book, self.goals, self.pursue) = (book, goals, pursue)
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
                case .members(let lines): book?.take(lines)
                case .goal(let goal): hearing.yield(goal)
                case .load(let load): board.take(load, of: peer.rawValue)
                case .disk(let isFull): board.take(isDiskFull: isFull, of: peer.rawValue)
                }
            } catch {
                logger.warning("A peer says what cannot be read", metadata: ["peer": "\(peer)", "error": "\(error)"])
            }
        }
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await repeating(every: Self.factsInterval, sendFacts) }
                group.addTask { await repeating(every: Self.loadInterval) { sendLoad() } }
                group.addTask { await repeating(every: Self.usesInterval, sendUses) }
                group.addTask { for await _ in limiter.heavyUses { sendUses() } }
                group.addTask { await repeating(every: Self.membersInterval, tellMembers) }
                group.addTask { for await goal in goals { pursue(goal) } }
            }
        }
    }

    private func repeating(every interval: Duration, _ body: @Sendable () -> Void) async {
        while !Task.isCancelled {
            body()
            try? await Task.sleep(for: interval)
        }
    }

    /// Tells the others where nodes listen, and which have left, unless every configuration says so.
    @Sendable func tellMembers() {
        if let book, book.isExtended { send(.members(book.lines)) }
    }

    /// Has every other node pursue `goal`, which it needs the book for.
    func tell(_ goal: MembershipGoal) {
        tellMembers()
        send(.goal(goal))
    }

    /// Programs that read no version but the first do not know what is said of the disk.
    @Sendable private func sendFacts() {
        send(.facts(board.facts))
        if board.clusterVersion > .first { send(.disk(isFull: board.isDiskFull)) }
    }

    /// Programs that read no version but the first do not know what it says.
    private func sendLoad() {
        if board.clusterVersion > .first, let load = board.load { send(.load(load)) }
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
