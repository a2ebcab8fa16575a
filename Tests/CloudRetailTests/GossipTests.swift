import Cluster
import Consensus
import EventSourcing
import Gateway
import Logging
import Synchronization
import Testing

@testable import cloudretail

@Suite("Nodes that tell each other of themselves", .timeLimit(.minutes(10)))
struct GossipTests {
    /// Two nodes whose frames arrive at once.
    private final class Wire: Sendable {
        typealias Taker = @Sendable (NodeID, [UInt8]) -> Void
        let takers = Mutex<[NodeID: Taker]>([:])
    }

    private struct WireEnd: PeerLinks {
        let node: NodeID
        let wire: Wire

        func send(_ frame: [UInt8], on stream: PeerStream, to peer: NodeID) -> Bool {
            guard stream == .gossip, let taker = wire.takers.withLock({ $0[peer] }) else { return false }
            taker(node, frame)
            return true
        }
        func sendWhenRoom(
            _ frame: [UInt8], on stream: PeerStream, to peer: NodeID
        ) async throws(PeerUnreachable) { throw PeerUnreachable(peer: peer) }
        func receive(on stream: PeerStream, _ take: @escaping @Sendable (NodeID, [UInt8]) -> Void) {
            wire.takers.withLock { $0[node] = take }
        }
        func observe(_ change: @escaping @Sendable (NodeID, PeerStream, Bool) -> Void) {}
    }

    private static func facts(_ node: UInt64, _ http: String) -> NodeFacts {
        NodeFacts(
            node: node, http: http, isReady: true, version: "1",
            replicas: [.init(shard: 0, role: node == 1 ? .leader : .follower, term: 1, committed: 1, applied: 1)])
    }

    @Test("each knows what the other is, and what it has let pass")
    func exchange() async throws {
        let wire = Wire()
        let boards = ([1, 2] as [UInt64]).map { node in
            ClusterBoard(
                own: { Self.facts(node, $0) }, members: { [1, 2] }, version: { ClusterVersion(rawValue: 2) },
                load: { NodeLoad(uptimeMilliseconds: node, requests: 0, commits: 0, commitMicroseconds: 0) },
                isDiskFull: { node == 1 })
        }
        let limiters = [RateLimiter(callersMax: 100, isShared: true), RateLimiter(callersMax: 100, isShared: true)]
        boards[0].note(http: "http://1")
        let gossips = ([1, 2] as [UInt64]).map { node in
            Gossip(
                WireEnd(node: NodeID(node), wire: wire), board: boards[Int(node) - 1],
                limiter: limiters[Int(node) - 1], peers: { [NodeID(3 - node)] }, logger: Logger(label: "gossip"))
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for gossip in gossips { group.addTask { try await gossip.run() } }
            while boards[1].status.voices.first?.facts.http != "http://1" {
                try await Task.sleep(for: .milliseconds(5))
            }
            while boards[1].status.voices.first?.load?.uptimeMilliseconds != 1 {
                try await Task.sleep(for: .milliseconds(5))
            }
            while boards[1].room != MemberRoom(free: [NodeID(2)], full: [NodeID(1)]) {
                try await Task.sleep(for: .milliseconds(5))
            }
            #expect(boards.map { $0.status.voices.map(\.isHeard) } == [[true, true], [true, true]])
            group.cancelAll()
        }
    }

    @Test("a node speaks for itself alone, and what cannot be read is passed over")
    func strangers() {
        let wire = Wire()
        let board = ClusterBoard(own: { Self.facts(1, $0) }, members: { [1, 2, 3] })
        let gossip = Gossip(
            WireEnd(node: NodeID(1), wire: wire), board: board, limiter: RateLimiter(callersMax: 100, isShared: true),
            peers: { [] }, logger: Logger(label: "gossip"))
        withExtendedLifetime(gossip) {
            let peer = WireEnd(node: NodeID(2), wire: wire)
            peer.send(GossipMessage.facts(Self.facts(3, "http://3")).encoded(), on: .gossip, to: NodeID(1))
            peer.send([9, 9], on: .gossip, to: NodeID(1))
            #expect(board.status.voices.map(\.isHeard) == [true, false, false])
            peer.send(GossipMessage.facts(Self.facts(2, "http://2")).encoded(), on: .gossip, to: NodeID(1))
            #expect(board.status.voices.map(\.isHeard) == [true, true, false])
        }
    }
}
