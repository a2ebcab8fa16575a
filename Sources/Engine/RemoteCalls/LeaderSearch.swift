import Consensus

/// One call's search for the node that leads its shard.
struct LeaderSearch {
    private let own: NodeID
    /// The node that another one says leads.
    private var named: NodeID?
    /// Asked since the last wait: they know no better.
    private var asked: [NodeID] = []
    /// Whether nodes are asked of which nothing is known.
    private var asksOthers = false

    init(own: NodeID) { self.own = own }

    /// Whom to ask next; nil when that is no use before something changes.
    ///
    /// - Parameters:
    ///   - known: the leader as this node knows it; it may be this node itself, before its shard has taken note.
    ///   - connected: nodes that can be asked.
    func next(known: NodeID?, connected: [NodeID]) -> NodeID? {
        let others = asksOthers ? connected : []
        return ([named, known].compactMap { $0 } + others).first { node in
            !asked.contains(node) && (node == own || connected.contains(node))
        }
    }

    /// `node` does not lead; as far as it knows `leader` does.
    mutating func heard(from node: NodeID, leader: NodeID?) {
        asked.append(node)
        named = leader
    }

    /// Something may have changed.
    mutating func waited(asksOthers: Bool) {
        asked = []
        named = nil
        self.asksOthers = asksOthers
    }
}
