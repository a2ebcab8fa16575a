import Foundation
import Synchronization
import Testing

@testable import Gateway

@Suite("What is known of a cluster")
struct ClusterBoardTests {
    private let now = Now()

    private final class Now: Sendable {
        let value = Atomic<Int64>(0)
    }

    private func facts(_ node: UInt64, _ role: NodeFacts.Role, term: UInt64) -> NodeFacts {
        NodeFacts(
            node: node, http: "http://\(node)", isReady: true, version: "1",
            replicas: [.init(shard: 0, role: role, term: term, committed: 9, applied: 8)])
    }

    private func board() -> ClusterBoard {
        let own = facts(1, .follower, term: 3)
        return ClusterBoard(
            own: { http in
                var facts = own
                facts.http = http
                return facts
            }, members: { [1, 2, 3] }, monotonic: { [now] in now.value.load(ordering: .relaxed) })
    }

    private func json(_ board: ClusterBoard) throws -> String {
        var json = JSONWriter()
        json.value(board.status)
        return String(decoding: json.bytes, as: UTF8.self)
    }

    @Test("is what the nodes say of themselves; of two that say they lead, the one of the newer term leads")
    func leaders() throws {
        let board = board()
        board.note(http: "http://1")
        board.take(facts(2, .leader, term: 2))
        board.take(facts(3, .leader, term: 3))
        let status = board.status
        #expect(status.shards.map(\.leader) == [3] && status.shards.map(\.term) == [3])
        let text = try json(board)
        #expect(
            text.hasPrefix(
                #"{"nodes":[{"id":1,"http":"http://1","ready":true,"version":"1","load":null,"disk_full":false},"#
                    + #"{"id":2,"http":"http://2","ready":true,"version":"1","load":null,"disk_full":null}"#))
        let replica = #"{"id":1,"role":"follower","committed":9,"applied":8}"#
        #expect(text.contains(#""shards":[{"id":0,"leader":3,"term":3,"nodes":["# + replica))
    }

    @Test("a leader of an earlier term than this node knows of leads no more")
    func formerLeader() throws {
        let board = board()
        board.take(facts(2, .leader, term: 2))
        #expect(board.status.shards.map(\.leader) == [nil] && board.status.shards.map(\.term) == [3])
    }

    @Test("the node tells of its own connections")
    func links() throws {
        let own = facts(1, .follower, term: 3)
        let link = NodeLinks.Link(
            peer: 2, stream: "calls", isConnected: true, connections: 1, framesSent: 2, bytesSent: 3,
            framesReceived: 4, bytesReceived: 5, framesDropped: 6)
        let board = ClusterBoard(
            of: 0xbeef, own: { _ in own }, members: { [1] }, links: { NodeLinks([link], refusals: 7) })
        let text = try json(board)
        #expect(text.contains(#""cluster_id":"beef","node_id":1,"#))
        #expect(
            text.hasSuffix(
                #","links":[{"peer":2,"stream":"calls","connected":true,"connections":1,"frames_sent":2,"#
                    + #""bytes_sent":3,"frames_received":4,"bytes_received":5,"frames_dropped":6}],"refusals":7}"#))
    }

    @Test("each node's load is what it has said last, and none while it is silent")
    func loads() throws {
        let (board, load) = (board(), NodeLoad(uptimeMilliseconds: 1, requests: 2, commits: 3, commitMicroseconds: 4))
        board.take(facts(2, .leader, term: 3))
        board.take(load, of: 2)
        let told = #""load":{"uptime_ms":1,"requests":2,"commits":3,"commit_wait_us":4}"#
        #expect(try json(board).contains(told))
        now.value.store(2_000_000_000, ordering: .relaxed)
        #expect(try !json(board).contains(told))
        let own = facts(1, .follower, term: 3)
        #expect(try json(ClusterBoard(own: { _ in own }, members: { [1] }, load: { load })).contains(told))
    }

    @Test("whether a node's disk is full is what it has said last, and not known while it is silent")
    func disks() throws {
        let board = board()
        board.take(facts(2, .leader, term: 3))
        for isFull in [true, false] {
            board.take(isDiskFull: isFull, of: 2)
            let told = #""ready":true,"version":"1","load":null,"disk_full":\#(isFull)},{"id":3"#
            #expect(try json(board).contains(told))
        }
        now.value.store(2_000_000_000, ordering: .relaxed)
        #expect(try json(board).contains(#""ready":false,"version":"1","load":null,"disk_full":null},{"id":3"#))
    }

    @Test("a node that is silent is not ready, and leads nothing")
    func silence() throws {
        let board = board()
        board.take(facts(2, .leader, term: 3))
        now.value.store(2_000_000_000, ordering: .relaxed)
        #expect(board.status.shards.map(\.leader) == [nil])
        let text = try json(board)
        #expect(text.contains(#""leader":null"#) && text.contains(#"{"id":2,"role":"unknown""#))
        // The third has never been heard of.
        #expect(text.contains(#"{"id":3,"http":"","ready":false,"version":"","load":null,"disk_full":null}"#))
    }

    @Test("a node that is no member is not told of")
    func strangers() {
        let board = board()
        board.take(facts(4, .leader, term: 9))
        #expect(board.status.voices.map(\.facts.node) == [1, 2, 3])
        #expect(board.status.shards.map(\.leader) == [nil])
    }
}
