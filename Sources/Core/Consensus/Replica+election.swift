// Elections (Raft, section 5.2; thesis, chapter 3 and section 9.6).
extension Replica {
    enum Campaign {
        case preVote, vote
        /// The leader asked for it; without pre-vote, since no node is out of reach.
        case transfer
    }

    /// Starts an election now, whether the timeout has passed or not. Ignored by a leader and by a node that cannot be
    /// elected.
    public mutating func campaign() {
        start(configuration.preVotes ? .preVote : .vote)
    }

    /// Whether this replica may become leader at all.
    var isPromotable: Bool {
        guard let position = tracker.position(of: id) else { return false }
        return !tracker[position].isLearner && log.unstable.snapshot == nil
    }

    mutating func start(_ campaign: Campaign) {
        guard failure == nil, role != .leader, isPromotable, !hasUnappliedMembershipChange else { return }
        run(campaign)
    }

    /// A candidate must know the membership that its own log implies (thesis, section 4.1).
    private var hasUnappliedMembershipChange: Bool {
        var next = log.applied.next
        while next <= log.committed {
            guard let page = log.entries(in: next..<log.committed.next, bytesMax: configuration.applyingBytesMax) else {
                return true
            }
            if page.contains(where: { if case .membershipChange = $0.payload { true } else { false } }) { return true }
            next = next.advanced(by: page.count)
        }
        return false
    }

    private mutating func run(_ campaign: Campaign) {
        guard let last = candidacy else { return stop(.logUnreadable(log.lastIndex)) }
        let request: Message.Body
        let electionTerm: Term
        if campaign == .preVote {
            becomePreCandidate()
            electionTerm = term.next
            request = .requestPreVote(last: last)
        } else {
            becomeCandidate()
            electionTerm = term
            request = .requestVote(last: last, forTransfer: campaign == .transfer)
        }
        for node in tracker.membership.quorum.nodes {
            if node == id {
                // Our own vote counts once it is flushed, like everybody's.
                send(
                    campaign == .preVote ? .preVote(isGranted: true) : .vote(isGranted: true), to: id,
                    term: electionTerm)
            } else {
                send(request, to: node, term: electionTerm)
            }
        }
    }

    /// The log that we ask to be judged by.
    ///
    /// With asynchronous writes the request overtakes the flush, so it claims only what a crash cannot take away. A
    /// vote given to more could reach us after a restart, when we campaign in the same term again with less, and elect
    /// a leader that lacks what is committed.
    private var candidacy: EntryID? {
        configuration.storageWrites == .synchronous ? log.lastID : log.flushedID
    }

    /// A candidate asks for our vote in `message.term`, which is not behind ours.
    mutating func answerVoteRequest(_ message: Message, candidateLast: EntryID, isPreVote: Bool) {
        guard let last = log.lastID else { return stop(.logUnreadable(log.lastIndex)) }
        let mayVote =
            vote == message.from || vote == nil && leader == nil || isPreVote && message.term > term
            || makes(.voteTwice)
        // A learner votes too: it may have been promoted without having heard of it yet.
        let isGranted = mayVote && (candidateLast.isUpToDate(with: last) || makes(.voteForShorterLog))
        // A granted vote answers in the term asked about, which for a pre-vote is ahead of ours.
        send(
            isPreVote ? .preVote(isGranted: isGranted) : .vote(isGranted: isGranted), to: message.from,
            term: isGranted ? message.term : term)
        if isGranted && !isPreVote {
            electionElapsed = 0
            vote = message.from
        }
    }

    /// An answer to our own candidacy.
    mutating func count(vote isGranted: Bool, of node: NodeID) {
        tracker.record(vote: isGranted, of: node)
        switch tracker.voteResult {
        case .pending: break
        case .lost: becomeFollower(in: term, of: nil)
        case .won where role == .preCandidate: run(.vote)
        case .won:
            // Not before our own vote is flushed, however many others we have. After a crash we would not know that we
            // led in this term, could be elected in it again, and would give its indexes out twice.
            guard tracker.hasVote(of: id) else { return }
            becomeLeader()
            broadcastAppend()
        }
    }
}
