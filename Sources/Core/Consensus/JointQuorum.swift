/// How a vote stands.
public enum VoteResult: Hashable, Sendable {
    /// Missing votes can still decide it either way.
    case pending
    case lost
    case won
}

extension NodeSet {
    /// The highest mark that a majority has reached.
    ///
    /// A node without a mark counts as 0. An empty set has reached everything, so that one half of a joint quorum that
    /// is empty leaves the decision to the other half.
    func markOfMajority(_ mark: (NodeID) -> UInt64?) -> UInt64 {
        guard !isEmpty else { return .max }
        let majority = count / 2 + 1
        var highest: UInt64 = 0
        for node in self {
            let candidate = mark(node) ?? 0
            if candidate > highest, count(where: { (mark($0) ?? 0) >= candidate }) >= majority { highest = candidate }
        }
        return highest
    }

    /// How a vote by majority stands. An empty set votes yes.
    func resultOfMajority(_ vote: (NodeID) -> Bool?) -> VoteResult {
        guard !isEmpty else { return .won }
        var granted = 0
        var missing = 0
        for node in self {
            switch vote(node) {
            case true?: granted += 1
            case false?: break
            case nil: missing += 1
            }
        }
        let majority = count / 2 + 1
        if granted >= majority { return .won }
        return granted + missing >= majority ? .pending : .lost
    }
}

/// Who decides: a majority of `incoming` and, while membership changes, a majority of `outgoing` as well
/// (Raft, section 6; thesis, section 4.3).
struct JointQuorum: Hashable, Sendable {
    var incoming: NodeSet
    var outgoing: NodeSet

    var nodes: NodeSet { incoming.union(outgoing) }

    func mark(_ mark: (NodeID) -> UInt64?) -> UInt64 {
        min(incoming.markOfMajority(mark), outgoing.markOfMajority(mark))
    }

    func result(_ vote: (NodeID) -> Bool?) -> VoteResult {
        switch (incoming.resultOfMajority(vote), outgoing.resultOfMajority(vote)) {
        case (.lost, _), (_, .lost): .lost
        case (.won, .won): .won
        default: .pending
        }
    }
}
