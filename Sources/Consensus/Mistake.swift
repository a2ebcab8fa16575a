/// A way to get Raft wrong that tests can plant, to see that it is noticed.
///
/// Only builds with `PLANTED_BUGS` can make one; in all others `Replica.makes` is false, and what asks for it is gone.
public enum Mistake: String, CaseIterable, Sendable {
    /// Entries of earlier terms are committed by counting (Raft, figure 8).
    case countOldTerms
    /// A leader begins its term without an entry of its own.
    case skipNoOp
    /// Reads are answered without asking a quorum whether somebody else leads by now.
    case staleReadIndex
    /// Learners are counted where only voters may be.
    case learnerInQuorum
    /// Votes are given to logs that lack what may be committed.
    case voteForShorterLog
    /// A second vote is given in the same term.
    case voteTwice
    /// A follower keeps and acknowledges what it has, without comparing it with what the leader has there.
    case staleTail
    /// Every append cuts the log behind it, a late one too.
    case truncateAlways
}

#if PLANTED_BUGS
    extension Replica {
        func makes(_ mistake: Mistake) -> Bool { configuration.mistakes.contains(mistake) }

        /// What is committed in the place of what a quorum holds; nil for no mistake.
        var mistakenCommit: EntryID? {
            if makes(.countOldTerms), let term = log.term(at: tracker.commit) { return EntryID(term: term, index: tracker.commit) }
            guard makes(.learnerInQuorum) else { return nil }
            let matches = tracker.peers.map(\.progress.match).sorted(by: >)
            return EntryID(term: term, index: matches[tracker.membership.voters.count / 2])
        }

        /// What is done wrong when a leader's entries are taken up.
        var mistakenMerge: Mistake? { [.truncateAlways, .staleTail].first { makes($0) } }
    }
#else
    extension Replica {
        @inline(__always) func makes(_: Mistake) -> Bool { false }
        @inline(__always) var mistakenCommit: EntryID? { nil }
        @inline(__always) var mistakenMerge: Mistake? { nil }
    }
#endif
