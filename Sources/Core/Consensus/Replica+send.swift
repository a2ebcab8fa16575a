// What leaves a replica, and when.
extension Replica {
    /// Queues a message. Requests go at once; what others count on goes once everything unstable now is flushed.
    ///
    /// Votes and answers to appends are promises: given before the flush, a crash would break them (thesis, section
    /// 3.8). Refusals may rest on unstable state as well and wait too.
    ///
    /// - Parameters:
    ///   - term: of a vote or a request for one; everything else carries the current term or none.
    ///   - from: the origin of a message that is only passed on.
    mutating func send(_ body: Message.Body, to node: NodeID, term: Term? = nil, from origin: NodeID? = nil) {
        var message = Message(from: origin ?? id, to: node, term: term ?? self.term, body: body)
        if message.isPassedOn { message.term = .zero }
        switch body {
        case .appendAccepted, .appendRejected, .vote, .preVote: outboxAfterFlush.append(message)
        default:
            precondition(node != id, "a replica does not write to itself but to answer itself")
            outbox.append(message)
        }
    }

    mutating func broadcastAppend() {
        for position in tracker.peers.indices where tracker.peers[position].id != id {
            sendAppend(at: position)
        }
    }

    mutating func broadcastHeartbeat() {
        let mark = reads.mark
        for position in tracker.peers.indices where tracker.peers[position].id != id {
            // Never past what the member is known to hold: it may not agree beyond that.
            let commit = min(tracker[position].match, log.committed)
            send(.heartbeat(commit: commit, readMark: mark), to: tracker.peers[position].id)
            tracker[position].sentCommit = commit
        }
    }

    /// Sends the next entries to a member, or the commit index alone, or a snapshot, if flow control lets it.
    ///
    /// - Parameter evenIfEmpty: whether a message without entries is worth sending.
    /// - Returns: whether anything was sent.
    @discardableResult
    mutating func sendAppend(at position: Int, evenIfEmpty: Bool = true) -> Bool {
        guard !tracker[position].isPaused else { return false }
        let next = tracker[position].next
        guard let previousTerm = log.term(at: next.previous) else { return sendSnapshot(at: position) }
        // Past a full window only empty appends go: should all in flight be lost, one of them gets an answer that frees
        // it.
        let isThrottled = tracker[position].phase == .replicate && tracker[position].window.isFull
        guard let entries = isThrottled ? [] : log.entries(from: next, bytesMax: configuration.messageBytesMax) else {
            return sendSnapshot(at: position)
        }
        guard evenIfEmpty || !entries.isEmpty else { return false }
        let previous = EntryID(term: previousTerm, index: next.previous)
        send(
            .append(previous: previous, entries: entries, commit: log.committed), to: tracker.peers[position].id)
        tracker[position].sentEntries(entries.count, bytes: entries.payloadByteCount)
        tracker[position].sentCommit = log.committed
        return true
    }

    private mutating func sendSnapshot(at position: Int) -> Bool {
        let node = tracker.peers[position].id
        // A node that is down would only keep the snapshot from being deleted, and one that the snapshot does not know
        // as a member would ignore it. Both are tried again with the next heartbeat.
        guard tracker[position].isRecentlyActive, let snapshot = log.snapshot, snapshot.membership.nodes.contains(node)
        else { return false }
        let next = tracker[position].next
        if snapshot.last.index < next {
            // The node would come to no more by it than it has, and ask again at once. What is compacted away is out of
            // reach before the snapshot in its place is durable: that is looked for again with the next heartbeat.
            guard next >= log.firstIndex else { return false }
            guard !log.isUnreadable(at: next.previous), !log.isUnreadable(at: next) else {
                stop(.logUnreadable(next))
                return false
            }
        }
        tracker[position].becomeSnapshot(snapshot.last.index)
        send(.installSnapshot(snapshot), to: node)
        return true
    }
}
