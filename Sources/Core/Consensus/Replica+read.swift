// Linearizable reads (thesis, section 6.4). No leases: no safety property rests on a clock.
extension Replica {
    /// Asks for the index that a linearizable read has to wait for. It comes back, with `id`, in `Ready.readStates`.
    ///
    /// It may never come back: the request or its answer may be lost, and a change of leader drops it. Ask again after
    /// a while.
    public mutating func read(id: UInt64) throws(ReadRefusal) {
        if let failure { throw .stopped(failure) }
        let request = ReadRequest(node: self.id, id: id)
        if role == .leader {
            guard answerRead(request) else { throw .pendingReads(max: configuration.pendingReadsMax) }
        } else if role == .follower, let leader {
            send(.readIndex(request), to: leader)
        } else {
            throw .noLeader
        }
    }

    /// - Returns: false when too many reads wait already.
    @discardableResult
    mutating func answerRead(_ request: ReadRequest) -> Bool {
        guard reads.count + earlyReads.count < configuration.pendingReadsMax else { return false }
        if log.isUnreadable(at: log.committed) {
            // A leader that cannot tell the term of what is committed would keep every read waiting for ever.
            stop(.logUnreadable(log.committed))
        } else if !hasCommittedInTerm {
            // Until then this leader does not know how far its predecessors had committed.
            earlyReads.append(request)
        } else if makes(.staleReadIndex) || tracker.isSingleton && tracker.membership.voters.contains(id) {
            answer(request, at: log.committed)
        } else {
            confirm(request)
        }
        return true
    }

    private var hasCommittedInTerm: Bool { log.term(at: log.committed) == term }

    private mutating func confirm(_ request: ReadRequest) {
        reads.add(request, at: log.committed)
        reads.acknowledge(reads.mark, from: id)
        broadcastHeartbeat()
    }

    /// The first entry of this term is committed.
    mutating func releaseEarlyReads() {
        guard !earlyReads.isEmpty, hasCommittedInTerm else { return }
        let requests = earlyReads
        earlyReads = []
        for request in requests { answerRead(request) }
    }

    mutating func answer(_ request: ReadRequest, at index: EntryIndex) {
        let state = ReadState(index: index, id: request.id)
        if request.node == id {
            readStates.append(state)
        } else {
            send(.readIndexAnswer(state), to: request.node)
        }
    }
}
