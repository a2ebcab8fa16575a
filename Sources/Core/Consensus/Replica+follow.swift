// The follower's part (Raft, figure 2, AppendEntries; figure 13, InstallSnapshot).
extension Replica {
    /// What the leader of this term says.
    mutating func follow(_ message: Message) {
        switch message.body {
        case .append(let previous, let entries, let commit):
            follow(entries, after: previous, commit: commit, from: message.from)
        case .heartbeat(let commit, let mark):
            guard log.commit(to: commit) else {
                return stop(.acknowledgedEntriesLost(commit: commit, last: log.lastIndex))
            }
            send(.heartbeatAnswer(readMark: mark), to: message.from)
        case .installSnapshot(let snapshot):
            if log.contradicts(snapshot.last) { return stop(.committedEntryConflict(snapshot.last.index)) }
            let isRestored = restore(snapshot)
            send(.appendAccepted(matched: isRestored ? log.lastIndex : log.committed), to: message.from)
        default: preconditionFailure("only what a leader says is followed")
        }
    }

    private mutating func follow(_ entries: [Entry], after previous: EntryID, commit: EntryIndex, from leader: NodeID) {
        guard previous.index >= log.committed else {
            // Said before, or by a leader of another history.
            if log.contradicts(previous) { return stop(.committedEntryConflict(previous.index)) }
            let comparable = Int(clamping: log.committed.rawValue - previous.index.rawValue)
            if let index = log.conflict(with: entries.prefix(comparable)) {
                return stop(.committedEntryConflict(index))
            }
            return send(.appendAccepted(matched: log.committed), to: leader)
        }
        if let last = merge(entries, after: previous) {
            // Acknowledges what was compared, never the rest of our log: it may differ from the leader's.
            _ = log.commit(to: min(commit, last))
            send(.appendAccepted(matched: makes(.staleTail) ? log.lastIndex : last), to: leader)
        } else if log.isUnreadable(at: previous.index) {
            // To reject would have the leader, which knows that this was here, send the same again at once, for ever.
            stop(.logUnreadable(previous.index))
        } else if previous.index == log.committed {
            // A leader holds everything that is committed: one of the two logs has broken its promise.
            stop(.committedEntryConflict(previous.index))
        } else {
            let hint = log.possibleAgreement(upTo: min(previous.index, log.lastIndex), term: previous.term)
            send(.appendRejected(at: previous.index, hint: hint), to: leader)
        }
    }

    /// Replaces log and membership by a snapshot's.
    ///
    /// - Returns: false when it brings nothing new, or does not count this replica a member.
    private mutating func restore(_ snapshot: Snapshot) -> Bool {
        guard snapshot.last.index > log.committed, snapshot.membership.nodes.contains(id) else { return false }
        if log.holds(snapshot.last) {
            // Everything in it is here already.
            _ = log.commit(to: snapshot.last.index)
            return false
        }
        log.restore(snapshot)
        handedOut.supersedeMembershipChanges(by: snapshot.last.index)
        tracker = Tracker(snapshot.membership, last: log.lastIndex, limits: configuration.windowLimits)
        return true
    }
}
