// The leader's part: what followers answer (Raft, section 5.3).
extension Replica {
    /// Commits what a quorum holds, if it is of this term.
    mutating func commitIfQuorum() -> Bool {
        log.commitOwn(mistakenCommit ?? EntryID(term: term, index: tracker.commit))
    }

    /// The member's log agrees with ours, and is flushed, up to `matched`.
    mutating func accept(matched: EntryIndex, at position: Int) {
        // A member that claims more than we ever had is not one of ours.
        guard matched <= log.lastIndex else { return }
        tracker[position].isRecentlyActive = true
        let isProbed = tracker[position].phase == .probe && tracker[position].match == matched
        guard tracker[position].acknowledge(matched) || isProbed else { return }
        switch tracker[position].phase {
        case .probe: tracker[position].becomeReplicate()
        case .snapshot where tracker[position].match.next >= log.firstIndex:
            // Whatever snapshot it took: the log reaches on from there.
            tracker[position].becomeProbe()
            tracker[position].becomeReplicate()
        case .snapshot: break
        case .replicate: tracker[position].window.free(through: matched)
        }
        let node = tracker.peers[position].id
        if commitIfQuorum() {
            releaseEarlyReads()
            broadcastAppend()
        } else if node != id, tracker[position].canBumpCommit(to: log.committed) {
            sendAppend(at: position)
        }
        guard node != id else { return }
        while sendAppend(at: position, evenIfEmpty: false) {}
        if node == transferee, tracker[position].match == log.lastIndex { send(.timeoutNow, to: node) }
    }

    /// The member's log does not agree at `rejected`.
    mutating func retreat(rejected: EntryIndex, hint: EntryID, at position: Int) {
        tracker[position].isRecentlyActive = true
        // A hint with a term lets us skip all our entries of later terms as well.
        let hintIndex =
            hint.term > .zero ? log.possibleAgreement(upTo: hint.index, term: hint.term).index : hint.index
        guard tracker[position].retreat(rejected: rejected, hint: hintIndex) else { return }
        if tracker[position].phase == .replicate { tracker[position].becomeProbe() }
        sendAppend(at: position)
    }

    mutating func acceptHeartbeat(mark: UInt64, at position: Int) {
        tracker[position].isRecentlyActive = true
        tracker[position].isFlowPaused = false
        // A full window gets an empty append here, and a member that was reported unreachable its chance to answer.
        if tracker[position].match < log.lastIndex || tracker[position].phase == .probe { sendAppend(at: position) }
        guard mark != 0 else { return }
        reads.acknowledge(mark, from: tracker.peers[position].id)
        for read in reads.confirmed(by: tracker.membership.quorum) { answer(read.request, at: read.index) }
    }
}

// MARK: What the shell knows about other members

extension Replica {
    /// A message to `node` could not be delivered; the appends behind it are probably lost as well.
    public mutating func reportUnreachable(_ node: NodeID) {
        guard failure == nil, role == .leader, let position = tracker.position(of: node) else { return }
        if tracker[position].phase == .replicate { tracker[position].becomeProbe() }
    }

    /// How sending a snapshot to `node` ended.
    ///
    /// Either way the next append waits: for the member's own answer, or for a heartbeat before the next attempt.
    public mutating func reportSnapshot(to node: NodeID, isDelivered: Bool) {
        guard failure == nil, role == .leader, let position = tracker.position(of: node),
            case .snapshot = tracker[position].phase
        else { return }
        if isDelivered { tracker[position].becomeProbe() } else { tracker[position].abandonSnapshot() }
        tracker[position].isFlowPaused = true
    }
}

// MARK: Transfer

extension Replica {
    /// Hands leadership to `node` as soon as its log is complete (thesis, section 3.10). A follower passes the wish on.
    ///
    /// Meanwhile proposals are refused. Given up after an election timeout. Learners and unknown nodes are ignored.
    public mutating func transferLeadership(to node: NodeID) {
        guard failure == nil else { return }
        guard role == .leader else {
            if role == .follower, let leader { send(.transferLeadership(to: node), to: leader) }
            return
        }
        guard let position = tracker.position(of: node), !tracker[position].isLearner, node != transferee else {
            return
        }
        transferee = nil
        guard node != id else { return }
        electionElapsed = 0
        transferee = node
        if tracker[position].match == log.lastIndex {
            send(.timeoutNow, to: node)
        } else {
            sendAppend(at: position)
        }
    }

    /// A follower forgets who leads, so that it votes for others at once: its leader is known to be gone.
    public mutating func forgetLeader() {
        if role == .follower { leader = nil }
    }
}
