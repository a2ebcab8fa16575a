/// What one replica says to another of the same group.
///
/// Messages may be lost, repeated, delayed and reordered, also past a restart of either side. Answers to appends and to
/// requests for votes leave a replica only once what they rest on is flushed.
public struct Message: Hashable, Sendable {
    /// What is said.
    public enum Body: Hashable, Sendable {
        /// Would you vote for me in this term? (thesis, section 9.6)
        case requestPreVote(last: EntryID)
        /// `forTransfer`: the leader itself asked for this election (thesis, section 3.10).
        case requestVote(last: EntryID, forTransfer: Bool)
        case preVote(isGranted: Bool)
        case vote(isGranted: Bool)

        case append(previous: EntryID, entries: [Entry], commit: EntryIndex)
        /// The log agrees with the leader's, and is flushed, up to `matched`.
        case appendAccepted(matched: EntryIndex)
        /// The entry at `index` does not agree; the logs may agree up to `hint`.
        case appendRejected(at: EntryIndex, hint: EntryID)

        /// `readMark`: how many reads of this leader the answer confirms.
        case heartbeat(commit: EntryIndex, readMark: UInt64)
        case heartbeatAnswer(readMark: UInt64)

        /// Announces a snapshot. The shell sends its bytes first and reports the end with `Replica.reportSnapshot`; at
        /// the other end it hands this message in once they are complete.
        case installSnapshot(Snapshot)
        /// Start an election now (thesis, section 3.10).
        case timeoutNow

        // Passed on to the leader by another member.
        case propose([Entry.Payload])
        case readIndex(ReadRequest)
        case readIndexAnswer(ReadState)
        case transferLeadership(to: NodeID)
    }

    /// Who says it. The network vouches for that.
    public var from: NodeID
    /// Whom it is meant for.
    public var to: NodeID
    /// The sender's term; for a vote the term that it is about; 0 for what is passed on regardless of terms.
    public var term: Term
    /// What is said.
    public var body: Body

    public init(from: NodeID, to: NodeID, term: Term, body: Body) {
        self.from = from
        self.to = to
        self.term = term
        self.body = body
    }
}

extension Message {
    /// Whether its fields make sense together, whatever this replica's state: what an honest sender guarantees.
    var isWellFormed: Bool {
        guard from != .none, term.rawValue < Term.limit, (term == .zero) == isPassedOn else { return false }
        switch body {
        case .append(let previous, let entries, let commit):
            return commit <= .max && Self.isSlice(entries, after: previous, term: term)
        case .appendAccepted(let index): return index <= .max
        case .appendRejected(let index, let hint): return index <= .max && hint.index <= .max
        case .heartbeat(let commit, _): return commit <= .max
        case .installSnapshot(let snapshot):
            return snapshot.last.index <= .max && snapshot.last.term <= term && snapshot.membership.isValid
        case .propose(let payloads): return !payloads.isEmpty
        case .requestPreVote, .requestVote, .preVote, .vote, .heartbeatAnswer: return true
        case .timeoutNow, .readIndex, .readIndexAnswer, .transferLeadership: return true
        }
    }

    /// Consecutive indexes, terms that never fall and never pass the leader's.
    private static func isSlice(_ entries: [Entry], after previous: EntryID, term: Term) -> Bool {
        guard previous.index <= .max, entries.count < 1 << 32 else { return false }
        var before = previous
        for entry in entries {
            guard entry.index.rawValue == before.index.rawValue + 1, entry.term >= before.term else { return false }
            before = entry.id
        }
        return before.term <= term
    }

    /// Whether it goes on to the leader regardless of terms.
    var isPassedOn: Bool {
        switch body {
        case .propose, .readIndex: true
        default: false
        }
    }

    /// Whether it answers something that only a member can have been asked.
    var isAnswer: Bool {
        switch body {
        case .preVote, .vote, .appendAccepted, .appendRejected, .heartbeatAnswer, .readIndexAnswer: true
        default: false
        }
    }
}

extension Term {
    /// No honest replica gets here: one election per nanosecond would take centuries.
    static let limit: UInt64 = 1 << 62
}

/// Why a message was not taken in.
public enum StepRefusal: Error, Hashable, Sendable {
    case malformed
    case misdelivered(to: NodeID)
    /// An answer from a node that is not a member.
    case unknownPeer(NodeID)
    case proposal(ProposalRefusal)
    case stopped(ReplicaFailure)
}

/// Why a replica takes no further part. There is no way back: the node stops and starts over from what it stored.
public enum ReplicaFailure: Error, Hashable, Sendable {
    /// Whether the write is on disk is unknown, so nothing that rests on it may ever be answered.
    case flushFailed
    /// The store cannot read an entry that is needed to go on.
    case logUnreadable(EntryIndex)
    /// The leader's log differs from this one where this one is committed.
    case committedEntryConflict(EntryIndex)
    /// The leader counts on entries that this replica once acknowledged and no longer holds.
    case acknowledgedEntriesLost(commit: EntryIndex, last: EntryIndex)
}

extension ReplicaFailure: CustomStringConvertible {
    public var description: String {
        switch self {
        case .flushFailed: "a write has failed"
        case .logUnreadable(let index): "entry \(index) of the log cannot be read"
        case .committedEntryConflict(let index):
            "this node has committed another entry \(index) than its leader, so one of the two has lost what it had "
                + "acknowledged; \"cloudretail cluster compare\" tells where their logs part, and the node that is to "
                + "give way is replaced by an empty one"
        case .acknowledgedEntriesLost(let commit, let last):
            "the leader counts on this node's entries up to \(commit), and its log ends at \(last), so it has lost "
                + "what it had acknowledged; replace it by an empty node"
        }
    }
}
