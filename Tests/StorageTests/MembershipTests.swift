import Cluster
import Consensus
import EventSourcing
import Testing

@testable import Storage

@Suite("Members that come and go while the cluster serves")
struct MembershipTests {
    /// Has every node take its steps until the leader of each shard says that there are none left.
    private func pursue(_ goal: MembershipGoal, in cluster: MemberCluster) async throws {
        _ = try await eventually("\(goal)") {
            for node in cluster.nodes.values { _ = node.data.pursue(goal) }
            let isDone = (0..<cluster.shards).allSatisfy { shard in
                let replicas = cluster.nodes.values.map { $0[shard].status }
                return replicas.contains { $0.role == .leader && goal.step($0) == .done }
            }
            return isDone ? true : nil
        }
    }

    private func voters(_ cluster: MemberCluster, _ shard: Int) async throws -> [UInt64] {
        try await cluster.leader(of: shard)[shard].membership.voters.map(\.rawValue)
    }

    @Test("replace one by an empty one, which then counts for the majority", .timeLimit(.minutes(10)))
    func replaced() async throws {
        let cluster = MemberCluster(3, shards: 2)
        try cluster.start()
        for shard in 0..<2 { try await cluster.append([1], to: shard) }
        let new = NodeID(4)
        try cluster.start(new)
        try await pursue(MembershipGoal(adding: new, removing: NodeID(2)), in: cluster)
        cluster.stop(NodeID(2))
        // Two of the three that are left.
        cluster.stop(NodeID(1))
        for shard in 0..<2 {
            #expect(try await voters(cluster, shard) == [1, 3, 4])
            let last = try await cluster.append([2], to: shard)
            try await cluster.everyNode(has: last, on: shard)
            #expect(try cluster.nodes[new]?[shard].all().map(\.bytes) == [[1], [2]])
        }
        // What it was founded with is written once: a restart knows its membership from the log.
        cluster.stop(new)
        try cluster.start(new)
        try await cluster.everyNode(has: try await cluster.append([3]))
    }

    @Test("make three nodes of one", .timeLimit(.minutes(10)))
    func grown() async throws {
        let cluster = MemberCluster(1)
        try cluster.start()
        try await cluster.append([1])
        for id in [NodeID(2), NodeID(3)] {
            try cluster.start(id)
            try await pursue(MembershipGoal(adding: id), in: cluster)
        }
        cluster.stop(NodeID(1))
        try await cluster.everyNode(has: try await cluster.append([2]))
        for node in cluster.nodes.values { #expect(try node[0].all().map(\.bytes) == [[1], [2]]) }
    }

    @Test("hand every leadership over before they stop")
    func handedOver() async throws {
        let cluster = MemberCluster(3, shards: 3)
        try cluster.start()
        for shard in 0..<3 { try await cluster.append([1], to: shard) }
        let node = try await cluster.leader()
        let terms = (0..<3).map { node[$0].status.hardState.term }
        await node.data.handOver()
        #expect(node.data.replicas.allSatisfy { $0.role != .leader })
        let next = try await cluster.leader()
        #expect(next.links.node != node.links.node)
        // One election was enough.
        #expect(next[0].status.hardState.term == terms[0].next)
    }

    @Test("are not missed by a node that is alone")
    func alone() async throws {
        try await TemporaryDirectory().withData { data async throws in
            await data.handOver()
            try await data.journals[0].append([1])
            #expect(data.replicas.map(\.role) == [.leader])
        }
    }

    @Test("keep what they have on a full disk, and take on what they have missed once there is room")
    func fullDisk() async throws {
        let (cluster, full, volume) = try await clusterWithVolume()
        volume.freeBytes = 40
        let node = try #require(cluster.nodes[full])
        _ = try await eventually("a look at the disk") { node.data.room.isFull ? true : nil }
        let last = try await cluster.append([2])
        _ = try await eventually("a leader that is heard of") { node[0].leader }
        #expect(node[0].committed < last)
        volume.freeBytes = 1_000
        try await cluster.everyNode(has: last)
        #expect(!node.data.room.isFull)
    }

    @Test("let a write wait for room, and stop at once even so")
    func noRoom() async throws {
        let (cluster, full, volume) = try await clusterWithVolume()
        volume.freeBytes = 0
        let last = try await cluster.append([2])
        let node = try #require(cluster.nodes[full])
        _ = try await eventually("a look at the disk") { node.data.room.isFull ? true : nil }
        #expect(node[0].committed < last)
        let path = try #require(cluster.directory(of: full)).path
        let clock = ContinuousClock()
        let taken = clock.measure { cluster.stop(full) }
        #expect(taken < .seconds(5))
        #expect(throws: StorageError.noRoom(path: path, freeBytes: 0, freeBytesMin: 25)) {
            try cluster.start(full)
        }
        volume.freeBytes = 1_000
        try cluster.start(full)
        try await cluster.everyNode(has: last)
    }

    @Test("keep a leader for those who read while all disks are full, and elect another", .timeLimit(.minutes(10)))
    func fullDisks() async throws {
        let (cluster, volumes) = try await clusterOfVolumes()
        let first = try await cluster.append([1])
        try await cluster.everyNode(has: first)
        let leader = try await cluster.leader()
        for volume in volumes.values { volume.freeBytes = 40 }
        try await note(full: cluster.founders, in: cluster)
        // Twice: the first time would have begun a transfer.
        try await note(full: cluster.founders, in: cluster)
        let term = try #require(leader[0].standing.leadership?.term)
        #expect(throws: JournalRefusal.storageFull) { try leader[0].propose([2], at: .zero, in: term) }

        cluster.stop(leader.links.node)
        let next = try await cluster.leader()
        #expect(next.links.node != leader.links.node)
        for node in cluster.nodes.values { #expect(try await node[0].readBarrier() > first) }
        try await note(full: cluster.founders, in: cluster)
        let nextTerm = try #require(next[0].standing.leadership?.term)
        #expect(throws: JournalRefusal.storageFull) { try next[0].propose([2], at: .zero, in: nextTerm) }

        for volume in volumes.values { volume.freeBytes = 1_000 }
        try await note(full: [], in: cluster)
        try await cluster.everyNode(has: try await cluster.append([2]))
    }

    @Test("lead on no longer than one with room can, where their disk is full", .timeLimit(.minutes(10)))
    func fullLeader() async throws {
        let (cluster, volumes) = try await clusterOfVolumes()
        try await cluster.everyNode(has: try await cluster.append([1]))
        let full = try await cluster.leader().links.node
        volumes[full]?.freeBytes = 40
        _ = try await eventually("another leader") { () -> Bool? in
            for node in cluster.nodes.values {
                node.data.noteRoom(of: MemberRoom(free: Set(cluster.founders).subtracting([full]), full: [full]))
            }
            let leader = cluster.nodes.values.first { $0[0].standing.leadership != nil }?.links.node
            return leader.map { $0 != full } == true ? true : nil
        }
        _ = try await cluster.append([2])
    }

    /// Has every node hear which disks are full, once each has seen its own.
    private func note(full: [NodeID], in cluster: MemberCluster) async throws {
        for node in cluster.nodes.values {
            let isFull = full.contains(node.links.node)
            _ = try await eventually("a look at the disk") { node.data.room.isFull == isFull ? true : nil }
            node.data.noteRoom(of: MemberRoom(free: Set(cluster.nodes.keys).subtracting(full), full: Set(full)))
        }
    }

    /// Three nodes, each on a volume of its own: below 100 free bytes it is full, below 50 it has room for elections
    /// alone.
    private func clusterOfVolumes() async throws -> (MemberCluster, [NodeID: TestVolume]) {
        let cluster = MemberCluster(3)
        let volumes = Dictionary(uniqueKeysWithValues: cluster.founders.map { ($0, TestVolume()) })
        for (node, volume) in volumes { cluster.rooms[node] = { volume.room } }
        try cluster.start()
        return (cluster, volumes)
    }

    /// Three nodes of which one, a follower, is on a volume of its own: below 100 free bytes it is full.
    private func clusterWithVolume() async throws -> (MemberCluster, NodeID, TestVolume) {
        let cluster = MemberCluster(3)
        try cluster.start()
        try await cluster.everyNode(has: try await cluster.append([1]))
        let leader = try await cluster.leader().links.node
        let full = try #require(cluster.founders.first { $0 != leader })
        let volume = TestVolume()
        cluster.stop(full)
        cluster.rooms[full] = { volume.room }
        let node = try cluster.start(full)
        #expect(!node.data.room.isFull)
        return (cluster, full, volume)
    }
}
