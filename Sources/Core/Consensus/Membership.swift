/// Who belongs to a group, and in what part.
///
/// Invariants: no node is voter and learner at once; `nextLearners` are outgoing voters; unless `isJoint` both
/// `outgoingVoters` and `nextLearners` are empty and `leavesJointAutomatically` is false.
public struct Membership: Hashable, Sendable {
    /// They elect and commit.
    public internal(set) var voters: NodeSet
    /// The voters before a joint change; a decision needs their majority too until the joint state is left.
    public internal(set) var outgoingVoters: NodeSet
    /// They receive the log and do not vote.
    public internal(set) var learners: NodeSet
    /// Voters that become learners when the joint state is left.
    public internal(set) var nextLearners: NodeSet
    /// Whether the leader leaves the joint state by itself once it is applied.
    public internal(set) var leavesJointAutomatically: Bool

    static let empty = Membership(
        unchecked: [], outgoingVoters: [], learners: [], nextLearners: [], leavesJointAutomatically: false)

    /// - Returns: nil when the invariants do not hold.
    public init?(
        voters: NodeSet, outgoingVoters: NodeSet = [], learners: NodeSet = [], nextLearners: NodeSet = [],
        leavesJointAutomatically: Bool = false
    ) {
        self.init(
            unchecked: voters, outgoingVoters: outgoingVoters, learners: learners, nextLearners: nextLearners,
            leavesJointAutomatically: leavesJointAutomatically)
        guard isValid else { return nil }
    }

    private init(
        unchecked voters: NodeSet, outgoingVoters: NodeSet, learners: NodeSet, nextLearners: NodeSet,
        leavesJointAutomatically: Bool
    ) {
        self.voters = voters
        self.outgoingVoters = outgoingVoters
        self.learners = learners
        self.nextLearners = nextLearners
        self.leavesJointAutomatically = leavesJointAutomatically
    }

    /// Whether two majorities have to agree.
    public var isJoint: Bool { !outgoingVoters.isEmpty }

    /// Everybody who receives the log.
    public var nodes: NodeSet { voters.union(outgoingVoters).union(learners).union(nextLearners) }

    var quorum: JointQuorum { JointQuorum(incoming: voters, outgoing: outgoingVoters) }

    func isVoter(_ node: NodeID) -> Bool { voters.contains(node) || outgoingVoters.contains(node) }

    var isValid: Bool {
        learners.allSatisfy { !isVoter($0) }
            && nextLearners.allSatisfy { outgoingVoters.contains($0) && !voters.contains($0) }
            && (isJoint || !leavesJointAutomatically)
    }
}
