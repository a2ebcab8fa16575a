/// A way to get Raft wrong that tests can plant, to see that it is noticed.
///
/// Only builds with `PLANTED_BUGS` can make one; in all others `Replica.makes` is false, and what asks for it is gone.
public enum Mistake: String, CaseIterable, Sendable {
    /// Entries of earlier terms are committed by counting (Raft, figure 8).
    case countOldTerms
    /// A leader begins its term without an entry of its own.
    case skipNoOp
    /// Reads are answered without asking a quorum whether another node leads by now.
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
            if makes(.countOldTerms), let term = log.term(at: tracker.commit) {
                return EntryID(term: term, index: tracker.commit)
            }
            guard makes(.learnerInQuorum) else { return nil }
            let matches = tracker.peers.map(\.progress.match).sorted(by: >)
            return EntryID(term: term, index: matches[tracker.membership.voters.count / 2])
        }

        /// Takes up a leader's entries, rightly or not.
        mutating func merge(_ entries: [Entry], after previous: EntryID) -> EntryIndex? {
            guard makes(.truncateAlways) || makes(.staleTail), log.holds(previous) else {
                return log.merge(entries, after: previous)
            }
            let position = entries.firstIndex { entry in
                if makes(.staleTail) { return entry.index > log.lastIndex }
                return entry.index > log.committed || !log.holds(entry.id)
            }
            if let position { log.append(entries[position...]) }
            return previous.index.advanced(by: entries.count)
        }
    }
#else
    extension Replica {
        @inline(__always) func makes(_: Mistake) -> Bool { false }
        @inline(__always) var mistakenCommit: EntryID? { nil }
        @inline(__always) mutating func merge(_ entries: [Entry], after previous: EntryID) -> EntryIndex? {
            log.merge(entries, after: previous)
        }
    }
#endif
