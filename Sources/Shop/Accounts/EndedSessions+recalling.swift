import ActorSystem
import Commerce
import EventSourcing
import Schema

/// A node that starts does not know which sessions have ended while their access tokens are still good. It reads the
/// logs as far back as a token lives, or where that is too far, or further than they go, the states of all sessions.
extension EndedSessions {
    /// Records of a shard that are read however few sessions there are: a hundredth of a second.
    package static let recordsMin: UInt64 = 4_096
    /// Records that are read where there are more sessions than are listed at once: a fifth of a second. A busier shop
    /// has far fewer sessions than records.
    private static let recordsMax: UInt64 = 100_000
    private static let recordsAtOnceMax = 4_096
    private static let bytesAtOnceMax = 4 << 20
    private static let idsAtOnceMax = 1_000

    /// Takes in what has ended within a token's life. Called before the node listens.
    ///
    /// - Parameter life: how long after the end of a session a token of it may be good.
    package func recall(from shards: ShardMap, life: Duration, now: Timestamp) async throws {
        let begin = now + (.zero - life)
        for shard in shards.shards {
            if let first = try Self.firstIndex(since: begin, in: shard.journal),
                try await Self.isLogShorter(from: first, on: shard)
            {
                try await recallRecords(of: shard, from: first, life: life, now: now)
            } else {
                try await recallStates(of: shard, since: begin, life: life, now: now)
            }
        }
    }

    /// Whether the log from `first` on is read sooner than the states of all sessions.
    private static func isLogShorter(from first: LogIndex, on shard: Shard) async throws -> Bool {
        let records = shard.journal.committed.next.rawValue - first.rawValue
        guard (recordsMin..<recordsMax).contains(records) else { return records < recordsMin }
        let ids = try await shard.list(Session.self, group: [], descending: false, limit: idsAtOnceMax)
        return ids.count == idsAtOnceMax
    }

    // MARK: - Out of the log

    /// The first record at or after `begin`, by binary search: records are stamped in their order.
    ///
    /// - Returns: nil when the log no longer has all of them.
    private static func firstIndex(since begin: Timestamp, in journal: any Journal) throws -> LogIndex? {
        var lower = journal.first
        if lower > LogIndex(1) {
            guard let first = try journal.records(from: lower, countMax: 1, bytesMax: 1).first, first.time < begin
            else { return nil }
        }
        var upper = journal.committed.next
        while lower < upper {
            let middle = LogIndex(lower.rawValue + (upper.rawValue - lower.rawValue) / 2)
            let record = try journal.records(from: middle, countMax: 1, bytesMax: 1).first
            // Behind the last record there are only entries that are none.
            if let record, record.time < begin { lower = record.index.next } else { upper = middle }
        }
        return lower
    }

    private func recallRecords(of shard: Shard, from first: LogIndex, life: Duration, now: Timestamp) async throws {
        var next = first
        var accounts: Set<CustomerID> = []
        while next <= shard.journal.committed {
            let records = try shard.journal.records(
                from: next, countMax: Self.recordsAtOnceMax, bytesMax: Self.bytesAtOnceMax)
            guard let last = records.last else { break }
            for record in records {
                for entry in try RecordBody(record.bytes, of: KindSet(Session.kind, Account.kind)).entries {
                    for bytes in entry.events {
                        let event = try RetailEvent(kind: entry.kind, id: entry.id, event: bytes)
                        if let (id, event) = event.of(Session.self), case .ended = event {
                            insert(id.description, until: record.time + life, now: now)
                        }
                        if let (id, event) = event.of(Account.self), case .sessionsEnded = event {
                            accounts.insert(id)
                        }
                    }
                }
            }
            next = last.index.next
        }
        for id in accounts {
            let account = await shard.readCommitted { $0.read(Account.self, id).state }
            insert(account, life: life, now: now)
        }
    }

    // MARK: - Out of the states

    private func recallStates(of shard: Shard, since begin: Timestamp, life: Duration, now: Timestamp) async throws {
        var bound: SessionID?
        while true {
            let ids = try await shard.list(
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
                    insert(session.id.description, until: ended.at + life, now: now)
                } else if let account, !account.admits(session) {
                    insert(account, life: life, now: now)
                }
            }
            guard ids.count == Self.idsAtOnceMax, let last = ids.last else { return }
            bound = last
        }
    }
}
