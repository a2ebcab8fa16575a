import ActorSystem
import Commerce
import EventSourcing
import Schema

/// Where the follower begins: what a node that starts has to know is in the logs of the last minutes, or in the states.
extension CredentialFollower {
    /// Records of a shard that are read however few sessions there are: a hundredth of a second.
    package static let recordsMin: UInt64 = 4_096
    /// Records that are read where there are more sessions than are listed at once: a fifth of a second. A busier shop
    /// has far fewer sessions than records.
    private static let recordsMax: UInt64 = 100_000
    private static let idsAtOnceMax = 1_000

    /// - Returns: the last index that need not be read.
    func begin(_ beginning: LogFollower.Beginning, on shard: Shard) async throws -> LogIndex {
        let since = clock() + (.zero - life)
        // States that are read from now on are as new as this.
        let settled = await shard.readCommitted { $0.index }
        if shard.id == .catalogue { try await takeKeys(of: shard) }
        if beginning == .first, let first = try Self.first(since: since, in: shard.journal),
            try await Self.isLogShorter(from: first, on: shard)
        {
            return LogIndex(first.rawValue - 1)
        }
        try await takeSessions(of: shard, since: since)
        return settled
    }

    /// Whether the log from `first` on is read sooner than the states of all sessions.
    private static func isLogShorter(from first: LogIndex, on shard: Shard) async throws -> Bool {
        let records = shard.journal.committed.next.rawValue - first.rawValue
        guard (recordsMin..<recordsMax).contains(records) else { return records < recordsMin }
        let ids = await shard.list(Session.self, group: [], descending: false, limit: idsAtOnceMax)
        return ids.count == idsAtOnceMax
    }

    /// - Returns: nil when the log no longer has all records since then.
    private static func first(since begin: Timestamp, in journal: any Journal) throws -> LogIndex? {
        let first = try journal.first(since: begin)
        return first == journal.first && first > LogIndex(1) ? nil : first
    }

    private func takeKeys(of shard: Shard) async throws {
        let ids = await shard.list(
            VerificationKey.self, group: VerificationKey.listingGroup, descending: false, limit: Self.idsAtOnceMax)
        keys.replace(
            with: await shard.readCommitted { states in ids.map { states.read(VerificationKey.self, $0).state } })
    }

    private func takeSessions(of shard: Shard, since begin: Timestamp) async throws {
        var bound: SessionID?
        while true {
            let ids = await shard.list(
                Session.self, group: [], beyond: bound, descending: false, limit: Self.idsAtOnceMax)
            let seen = await shard.readCommitted { states in
                ids.map { id -> (Session, Account?) in
                    let session = states.read(Session.self, id).state
                    // A token was made when the session was last seen, and none since.
                    guard let customer = session.customer, let seen = session.lastSeenAt, seen >= begin else {
                        return (session, nil)
                    }
                    return (session, states.read(Account.self, customer).state)
                }
            }
            for (session, account) in seen {
                if let ended = session.ended {
                    self.ended.insert(session.id.description, until: ended.at + life, now: clock())
                } else if let account, !account.admits(session) {
                    ended.insert(account, life: life, now: clock())
                }
            }
            guard ids.count == Self.idsAtOnceMax, let last = ids.last else { return }
            bound = last
        }
    }
}
