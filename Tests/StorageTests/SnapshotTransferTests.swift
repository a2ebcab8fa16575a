import Cluster
import Consensus
import EventSourcing
import Foundation
import LogFormat
import Synchronization
import Testing

@testable import Storage

@Suite("A node that the log does not reach any more")
struct SnapshotTransferTests {
    /// Past a window of pieces.
    private static let rows = 9_000

    private func changes(_ mark: UInt8) -> StateChanges {
        StateChanges(
            (0..<Self.rows).lazy.map { number in
                let key = [UInt8(number >> 8), UInt8(number & 255)]
                return StateChange(key: key, value: [UInt8](repeating: mark, count: 1_000) + key)
            })
    }

    /// Saves states on every node that is up, and lets the log go up to what they have.
    private func compact(_ cluster: MemberCluster, _ mark: UInt8) async throws {
        let last = try await cluster.append([mark])
        try await cluster.everyNode(has: last)
        for node in cluster.nodes.values {
            _ = node[0].checkpoint(changes(mark), through: last)
            node[0].release(through: last)
        }
        for node in cluster.nodes.values {
            _ = try await eventually("a shorter log") { node[0].first > last ? true : nil }
        }
    }

    /// Three nodes, of which one was away while the log went.
    private func clusterWithStraggler() async throws -> (MemberCluster, NodeID) {
        let cluster = MemberCluster(3)
        cluster.options = DataDirectory.Options(retention: .bytes(0), freeBytesMin: 0)
        cluster.options.retainedEntries = 0
        try cluster.start()
        try await cluster.append([0])
        let leader = try await cluster.leader().links.node
        let away = try #require(cluster.founders.first { $0 != leader })
        cluster.stop(away)
        try await compact(cluster, 1)
        return (cluster, away)
    }

    private func expectEqual(_ cluster: MemberCluster, _ id: NodeID, mark: UInt8) async throws {
        let last = try await cluster.append([99])
        try await cluster.everyNode(has: last)
        let node = try #require(cluster.nodes[id])
        #expect(node[0].standing.replacements > 0)
        let rows = try node.data.states[0].rows(from: [], upTo: [255, 255, 255], reversed: false, limit: .max)
        #expect(rows.count == Self.rows)
        #expect(rows.allSatisfy { $0.value.count == 1_002 && $0.value[0] == mark && $0.value.suffix(2) == $0.key })
        #expect(try node[0].records(from: last, countMax: 9, bytesMax: 999).map(\.bytes) == [[99]])
    }

    @Test("gets the states of the leader, and goes on from there", .timeLimit(.minutes(10)))
    func catchesUp() async throws {
        let (cluster, away) = try await clusterWithStraggler()
        try cluster.start(away)
        try await expectEqual(cluster, away, mark: 1)
        // Once more, in place of the first.
        cluster.stop(away)
        try await compact(cluster, 2)
        try cluster.start(away)
        try await expectEqual(cluster, away, mark: 2)
    }

    @Test("starts over when it, or the connection, breaks off in the middle", .timeLimit(.minutes(10)))
    func brokenOff() async throws {
        let (cluster, away) = try await clusterWithStraggler()
        for breaks in [1, 3, 7, 12] {
            let pieces = Count()
            for node in cluster.nodes.values {
                node.links.passes.withLock { passes in
                    passes = { stream, peer, _ in
                        stream != .snapshots || peer != away || pieces.add() < breaks
                    }
                }
            }
            try cluster.start(away)
            _ = try await eventually("piece \(breaks)") { pieces.value > breaks ? true : nil }
            #expect(cluster.nodes[away]?[0].standing.replacements == 0)
            cluster.stop(away)
        }
        for node in cluster.nodes.values { node.links.passes.withLock { $0 = { _, _, _ in true } } }
        try cluster.start(away)
        try await expectEqual(cluster, away, mark: 1)
    }

    @Test("goes on where it was when the connection alone breaks", .timeLimit(.minutes(10)))
    func resumed() async throws {
        let (cluster, away) = try await clusterWithStraggler()
        let pieces = Count()
        let isBroken = Atomic(false)
        for node in cluster.nodes.values {
            node.links.passes.withLock { passes in
                passes = { stream, peer, _ in
                    guard stream == .snapshots, peer == away else { return true }
                    if pieces.add() == 9 { isBroken.store(true, ordering: .relaxed) }
                    return true
                }
            }
        }
        try cluster.start(away)
        _ = try await eventually("half of the pieces") { isBroken.load(ordering: .relaxed) ? true : nil }
        let links = try #require(cluster.nodes[away]?.links)
        cluster.network.disconnect(away)
        cluster.network.connect(links)
        try await expectEqual(cluster, away, mark: 1)
        // Eighteen pieces and the end, and what was on its way when the connection broke.
        #expect(pieces.value <= 19 + SnapshotSender.piecesUnstagedMax + 2)
    }

    @Test("takes no piece that is damaged, of another shard, or out of its order")
    func damaged() async throws {
        let chunk = SnapshotChunk(shard: ShardID(0), number: 0, isLast: true, rows: [StateRow(key: [1], value: [2])])
        let bytes = SnapshotFrame.piece(transfer: 7, chunk).encoded(seed: 5)
        for place in bytes.indices.dropFirst(9) {
            var damaged = bytes
            damaged[place] ^= 1
            #expect(throws: FormatDamage.self) { try SnapshotFrame(decoding: damaged, from: NodeID(2), seed: 5) }
        }
        for count in bytes.indices {
            let cut = Array(bytes[..<count])
            #expect(throws: FormatDamage.self) { try SnapshotFrame(decoding: cut, from: NodeID(2), seed: 5) }
        }
    }
}

/// Counts from any thread.
final class Count: Sendable {
    private let count = Mutex(0)
    /// - Returns: how often it was called before.
    @discardableResult
    func add() -> Int {
        count.withLock { count in
            defer { count += 1 }
            return count
        }
    }
    var value: Int { count.withLock { $0 } }
}
