import Consensus
import Testing

@testable import Cluster

@Suite("A goal for the membership") struct MembershipGoalTests {
    /// Node 1 of three leads, and has heard of node 2.
    private func leader() throws -> DrivenNode {
        let node = DrivenNode(members: [1, 2, 3])
        _ = try node.winElection()
        return node
    }

    @Test("has a leader that is to leave let another node lead before anything else changes")
    func leaderLeaves() throws {
        let node = try leader()
        let goal = MembershipGoal(adding: NodeID(4), removing: NodeID(1))
        #expect(goal.step(node[0].status) == .transferLeadership(to: NodeID(2)))
        #expect(MembershipGoal(removing: NodeID(1)).step(node[0].status) == .transferLeadership(to: NodeID(2)))
    }

    @Test("takes the new node in first when a follower is to leave")
    func followerLeaves() throws {
        let node = try leader()
        let learns = MembershipChange([.init(.addLearner, NodeID(4))])
        #expect(MembershipGoal(adding: NodeID(4), removing: NodeID(3)).step(node[0].status) == .propose(learns))
        let leaves = MembershipChange([.init(.remove, NodeID(3))])
        #expect(MembershipGoal(removing: NodeID(3)).step(node[0].status) == .propose(leaves))
    }

    @Test("is reached where the one is a voter and the other no member")
    func reached() throws {
        let node = try leader()
        #expect(MembershipGoal(adding: NodeID(2), removing: NodeID(4)).step(node[0].status) == .done)
    }
}
