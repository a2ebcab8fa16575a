// Proposals.
extension Replica {
    /// Appends `records` to the log, one entry each, if this replica leads.
    ///
    /// - Precondition: `records` is not empty.
    public mutating func propose(_ records: [[UInt8]]) throws(ProposalRefusal) -> Proposal {
        precondition(!records.isEmpty, "an empty proposal proposes nothing")
        return try propose(payloads: records.map(Entry.Payload.record))
    }

    /// Appends records, one entry each, that were taken in while this replica led in `term`; limits and transfers are
    /// the caller's affair. They leave with `sendAppended`, all that one turn brings together.
    ///
    /// - Precondition: `records` is not empty.
    /// - Returns: false when this replica leads in `term` no more.
    public mutating func append(_ records: [[UInt8]], in term: Term) -> Bool {
        precondition(!records.isEmpty, "an empty proposal proposes nothing")
        guard failure == nil, role == .leader, self.term == term else { return false }
        appendOwn(records.map(Entry.Payload.record))
        return true
    }

    /// Sends the members what was appended.
    public mutating func sendAppended() {
        guard failure == nil, role == .leader else { return }
        for position in tracker.peers.indices where tracker.peers[position].id != id {
            while sendAppend(at: position, evenIfEmpty: false) {}
        }
    }

    /// Proposes a change of membership. It takes effect when it is applied; until then no other can be proposed.
    public mutating func propose(_ change: MembershipChange) throws(ProposalRefusal) -> Proposal {
        try propose(payloads: [.membershipChange(change)])
    }

    private mutating func propose(payloads: [Entry.Payload]) throws(ProposalRefusal) -> Proposal {
        if let failure { throw .stopped(failure) }
        switch role {
        case .leader: return try lead(payloads)
        case .follower: return try forward(payloads, from: id)
        case .preCandidate, .candidate: throw .noLeader
        }
    }

    mutating func forward(_ payloads: [Entry.Payload], from origin: NodeID) throws(ProposalRefusal) -> Proposal {
        guard let leader else { throw .noLeader }
        guard configuration.forwardsProposals else { throw .notLeader(leader: leader) }
        send(.propose(payloads), to: leader, from: origin)
        return .forwarded(to: leader)
    }

    /// The leader's way: append, and send to everybody.
    mutating func lead(_ payloads: [Entry.Payload]) throws(ProposalRefusal) -> Proposal {
        guard tracker.position(of: id) != nil else { throw .notMember }
        if let transferee { throw .leadershipTransfer(to: transferee) }
        let first = log.lastIndex.next
        var payloads = payloads
        var emptied: (EntryID, MembershipRefusal)?
        for position in payloads.indices {
            guard case .membershipChange(let change) = payloads[position] else { continue }
            let index = first.advanced(by: position)
            if configuration.validatesMembershipChanges, let refusal = refusal(of: change) {
                payloads[position] = .empty
                emptied = (EntryID(term: term, index: index), refusal)
            } else {
                pendingMembershipIndex = index
            }
        }
        guard append(payloads) else { throw .uncommittedBytes(max: configuration.uncommittedBytesMax) }
        broadcastAppend()
        if let emptied { return .emptied(emptied.0, emptied.1) }
        return .appended(term: term, indexes: first...log.lastIndex)
    }

    /// Best effort: the membership that counts is the one in force when the change is applied.
    private func refusal(of change: MembershipChange) -> MembershipRefusal? {
        if pendingMembershipIndex > log.applied { return .changePending(pendingMembershipIndex) }
        if tracker.membership.isJoint { return change.operations.isEmpty ? nil : .alreadyJoint }
        return change.operations.isEmpty ? .notJoint : nil
    }

    /// Appends to the leader's own log and, once that is flushed, counts itself.
    ///
    /// - Returns: false when it would pass the limit of uncommitted bytes.
    @discardableResult
    mutating func append(_ payloads: [Entry.Payload]) -> Bool {
        let bytes = payloads.reduce(0) { $0 + $1.byteCount }
        // One proposal of any size fits into an empty log; empty ones always fit, or no leader could begin its term.
        if uncommittedBytes > 0, bytes > 0, uncommittedBytes + bytes > configuration.uncommittedBytesMax {
            return false
        }
        appendOwn(payloads)
        return true
    }

    private mutating func appendOwn(_ payloads: [Entry.Payload]) {
        uncommittedBytes += payloads.reduce(0) { $0 + $1.byteCount }
        var index = log.lastIndex
        log.append(
            payloads.map { payload in
                index = index.next
                return Entry(id: EntryID(term: term, index: index), payload: payload)
            })
        send(.appendAccepted(matched: index), to: id)
    }
}
