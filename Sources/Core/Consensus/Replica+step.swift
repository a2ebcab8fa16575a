// Taking in messages.
extension Replica {
    /// Takes in one message from another member. What this replica answers to itself never leaves it.
    public mutating func step(_ message: Message) throws(StepRefusal) {
        if let failure { throw .stopped(failure) }
        guard message.isWellFormed, message.from != id else { throw .malformed }
        guard message.to == id else { throw .misdelivered(to: message.to) }
        if message.isAnswer, tracker.position(of: message.from) == nil { throw .unknownPeer(message.from) }
        try process(message)
    }

    mutating func process(_ message: Message) throws(StepRefusal) {
        // What is passed on regardless of terms carries term 0.
        if message.term > term {
            guard adopt(message) else { return }
        } else if message.term < term, message.term != .zero {
            return answerStale(message)
        }
        switch message.body {
        case .requestPreVote(let last): answerVoteRequest(message, candidateLast: last, isPreVote: true)
        case .requestVote(let last, _): answerVoteRequest(message, candidateLast: last, isPreVote: false)
        default:
            switch role {
            case .leader: try stepLeader(message)
            case .follower: try stepFollower(message)
            case .preCandidate, .candidate: try stepCandidate(message)
            }
        }
    }

    /// Moves to the later term of a message, unless it only asks about it.
    ///
    /// - Returns: false when the message is to be ignored.
    private mutating func adopt(_ message: Message) -> Bool {
        switch message.body {
        case .requestPreVote, .requestVote(_, forTransfer: false):
            // A removed node keeps asking. A node that hears from a leader does not listen (Raft, section 6, third
            // issue).
            let hearsLeader =
                configuration.checksQuorum && leader != nil && electionElapsed < configuration.electionTicks
            guard !hearsLeader else { return false }
            if case .requestVote = message.body { becomeFollower(in: message.term, of: nil) }
        case .preVote(isGranted: true): break
        case .append, .heartbeat, .installSnapshot: becomeFollower(in: message.term, of: message.from)
        default: becomeFollower(in: message.term, of: nil)
        }
        return true
    }

    /// Answers from a later term than the sender's, where it would not learn of that term otherwise.
    private mutating func answerStale(_ message: Message) {
        switch message.body {
        case .append, .heartbeat:
            // With either option a node stuck ahead of its group is not heard when it campaigns: any answer frees it.
            guard configuration.checksQuorum || configuration.preVotes else { return }
            send(.appendAccepted(matched: .zero), to: message.from)
        case .requestPreVote: send(.preVote(isGranted: false), to: message.from, term: term)
        case .requestVote where !configuration.preVotes:
            // This node may not know of the sender's membership, and never ask for its vote: two candidates could then
            // rise in step for ever, the one that can win always behind (Raft, section 5.1).
            send(.vote(isGranted: false), to: message.from)
        default: break
        }
    }

    private mutating func stepCandidate(_ message: Message) throws(StepRefusal) {
        switch message.body {
        case .propose: throw .proposal(.noLeader)
        case .append, .heartbeat, .installSnapshot:
            becomeFollower(in: message.term, of: message.from)
            follow(message)
        case .preVote(let isGranted) where role == .preCandidate: count(vote: isGranted, of: message.from)
        case .vote(let isGranted) where role == .candidate: count(vote: isGranted, of: message.from)
        default: break
        }
    }

    private mutating func stepFollower(_ message: Message) throws(StepRefusal) {
        switch message.body {
        case .append, .heartbeat, .installSnapshot:
            electionElapsed = 0
            leader = message.from
            follow(message)
        case .timeoutNow: start(.transfer)
        case .propose(let payloads):
            do { _ = try forward(payloads, from: message.from) } catch { throw .proposal(error) }
        case .readIndex(let request): if let leader { send(.readIndex(request), to: leader, from: message.from) }
        case .readIndexAnswer(let state): readStates.append(state)
        case .transferLeadership(let node): transferLeadership(to: node)
        default: break
        }
    }

    private mutating func stepLeader(_ message: Message) throws(StepRefusal) {
        switch message.body {
        case .propose(let payloads):
            guard configuration.forwardsProposals else { throw .proposal(.passedOn(by: message.from)) }
            do { _ = try lead(payloads) } catch { throw .proposal(error) }
        case .readIndex(let request): answerRead(request)
        case .transferLeadership(let node): transferLeadership(to: node)
        default:
            // A leader that is no member any more may still have an answer to itself under way.
            if let position = tracker.position(of: message.from) { stepLeader(message.body, ofMemberAt: position) }
        }
    }

    private mutating func stepLeader(_ answer: Message.Body, ofMemberAt position: Int) {
        switch answer {
        case .appendAccepted(let matched): accept(matched: matched, at: position)
        case .appendRejected(let index, let hint): retreat(rejected: index, hint: hint, at: position)
        case .heartbeatAnswer(let mark): acceptHeartbeat(mark: mark, at: position)
        default: break
        }
    }
}
