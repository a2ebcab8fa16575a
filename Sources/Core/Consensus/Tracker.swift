/// The current membership and what is known about each of its nodes.
struct Tracker: Hashable, Sendable {
    struct Peer: Hashable {
        let id: NodeID
        var progress: Progress
    }

    var membership = Membership.empty
    /// In ascending order of identity; positions are valid until the membership changes.
    private(set) var peers: [Peer] = []
    let limits: InFlightWindow.Limits
    private var votes: [Vote] = []

    private struct Vote: Hashable {
        let node: NodeID
        let isGranted: Bool
    }

    init(limits: InFlightWindow.Limits) { self.limits = limits }

    /// Every member of `membership`, with nothing known but that its log may end at `last`.
    init(_ membership: Membership, last: EntryIndex, limits: InFlightWindow.Limits) {
        self.init(limits: limits)
        self.membership = membership
        for node in membership.nodes { add(node, last: last, isLearner: membership.learners.contains(node)) }
    }

    func position(of node: NodeID) -> Int? { peers.firstIndex { $0.id == node } }

    subscript(position: Int) -> Progress {
        get { peers[position].progress }
        _modify { yield &peers[position].progress }
    }

    mutating func add(_ node: NodeID, last: EntryIndex, isLearner: Bool) {
        let position = peers.firstIndex { $0.id > node } ?? peers.count
        // Probing starts at the log's end; a new node will most likely answer that it has nothing.
        var progress = Progress(next: max(last, EntryIndex(1)), limits: limits, isLearner: isLearner)
        // Or check-quorum would count it as lost before it could say a word.
        progress.isRecentlyActive = true
        peers.insert(Peer(id: node, progress: progress), at: position)
    }

    mutating func remove(_ node: NodeID) { peers.removeAll { $0.id == node } }

    /// Forgets what was known: a new term begins.
    mutating func reset(last: EntryIndex, own: NodeID) {
        resetVotes()
        for position in peers.indices {
            let isLearner = peers[position].progress.isLearner
            var progress = Progress(next: last.next, limits: limits, isLearner: isLearner)
            if peers[position].id == own { progress.match = last }
            peers[position].progress = progress
        }
    }

    /// The highest index that a quorum holds.
    var commit: EntryIndex {
        EntryIndex(membership.quorum.mark { node in position(of: node).map { self[$0].match.rawValue } })
    }

    var isQuorumActive: Bool {
        membership.quorum.result { node in position(of: node).map { self[$0].isRecentlyActive } } == .won
    }

    /// Whether one voter decides alone.
    var isSingleton: Bool { membership.voters.count == 1 && !membership.isJoint }

    mutating func resetVotes() { votes.removeAll() }

    /// The first vote of a node counts.
    mutating func record(vote isGranted: Bool, of node: NodeID) {
        if !hasVote(of: node) { votes.append(Vote(node: node, isGranted: isGranted)) }
    }

    func hasVote(of node: NodeID) -> Bool { votes.contains { $0.node == node } }

    var voteResult: VoteResult {
        membership.quorum.result { node in votes.first { $0.node == node }?.isGranted }
    }
}
