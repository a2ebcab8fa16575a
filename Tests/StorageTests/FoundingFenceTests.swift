import Consensus
import Testing

@testable import Storage

@Suite("A new cluster") struct FoundingFenceTests {
    @Test("elects nobody before all its founders have met, and somebody then")
    func together() async throws {
        let cluster = MemberCluster(3)
        for id in cluster.founders.dropLast() { try cluster.start(id) }
        for node in cluster.nodes.values {
            _ = try await eventually("the meeting of the two") { node.data.awaitedFounders == [NodeID(3)] ? true : nil }
            node[0].campaign()
        }
        // Many times as long as an election takes.
        try await Task.sleep(for: .seconds(3))
        for node in cluster.nodes.values { #expect(node[0].term == 0 && node[0].leader == nil) }

        try cluster.start(NodeID(3))
        try await cluster.everyNode(has: try await cluster.append([1]))
        for node in cluster.nodes.values { #expect(node.data.awaitedFounders.isEmpty) }
    }

    @Test("goes on without one of them from its first election on")
    func founded() async throws {
        let cluster = MemberCluster(3)
        try cluster.start()
        try await cluster.append([1])
        for id in cluster.founders { cluster.stop(id) }
        for id in cluster.founders.dropFirst() { try cluster.start(id) }
        try await cluster.append([2])
        for node in cluster.nodes.values { #expect(node.data.awaitedFounders.isEmpty) }
    }

    @Test("is not waited for by a node that joins later, nor by one that has been elected or has an entry")
    func passed() {
        let founders: NodeSet = [NodeID(1), NodeID(2), NodeID(3)]
        #expect(FoundingFence(of: NodeID(4), founders: founders, isNew: true).isPassed)
        #expect(FoundingFence(of: NodeID(2), founders: founders, isNew: false).isPassed)
        #expect(FoundingFence(of: NodeID(1), founders: [NodeID(1)], isNew: true).isPassed)
        let fence = FoundingFence(of: NodeID(2), founders: founders, isNew: true)
        #expect(fence.awaited == [NodeID(1), NodeID(3)])
        for peer in [1, 1, 4] as [UInt64] { fence.meet(NodeID(peer)) }
        #expect(!fence.isPassed && fence.awaited == [NodeID(3)])
        fence.meet(NodeID(3))
        #expect(fence.isPassed)
    }
}
