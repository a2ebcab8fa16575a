import ActorSystem
import Checkout
import Commerce
import EventSourcing
import Schema

/// Keeps what a node needs to know of access tokens up to the logs, on every node: which sessions have ended, and by
/// which keys tokens are known.
///
/// A node that starts reads the logs as far back as a token lives. Where that is too far, or further than they go, it
/// reads the states of all sessions, and the logs from there on.
public final class CredentialFollower: Sendable {
    private static let limits = LogFollower.Limits(recordsMax: 4_096, bytesMax: 4 << 20)
    private static let kinds = KindSet(Session.kind, Account.kind, VerificationKey.kind)

    public let ended: EndedSessions
    public let keys: VerificationKeys
    package let shards: ShardMap
    /// How long after the end of a session a token of it may be good.
    let life: Duration
    let clock: @Sendable () -> Timestamp
    /// In the order of the shards.
    private let progress: [FollowerProgress]

    public init(
        of shards: ShardMap, life: Duration, ended: EndedSessions = EndedSessions(),
        clock: @escaping @Sendable () -> Timestamp
    ) {
        self.shards = shards
        self.life = life
        self.clock = clock
        self.ended = ended
        keys = VerificationKeys()
        progress = shards.shards.map { _ in FollowerProgress(.zero) }
    }

    /// Follows all shards until the task is cancelled or a journal ends.
    public func follow() async throws {
        defer { for progress in progress { progress.end() } }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for shard in shards.shards { group.addTask { try await self.follow(shard) } }
            try await group.next()
            group.cancelAll()
        }
    }

    /// Everything up to here in the log of `shard` is known.
    public func applied(of shard: ShardID) -> LogIndex { progress[Int(shard.rawValue)].applied }

    /// Returns once everything up to `index` in the log of `shard` is known.
    public func catchUp(to index: LogIndex, of shard: ShardID) async {
        await progress[Int(shard.rawValue)].wait(for: index)
    }

    /// Returns once everything that is committed now in the log of the shard of `slot` is known: a client that has
    /// ended a session finds its tokens refused on this node. Where no leader answers, once all is known that this node
    /// has of it.
    public func catchUp(on slot: Slot) async {
        let shard = shards[slot]
        let present = try? await shard.journalBarrier()
        await catchUp(to: present ?? shard.journal.committed, of: shard.id)
    }

    private func follow(_ shard: Shard) async throws {
        let progress = progress[Int(shard.id.rawValue)]
        try await LogFollower(of: shard, limits: Self.limits).follow { beginning in
            let start = try await begin(beginning, on: shard)
            progress.advance(to: start)
            return start
        } _: { stretch in
            try await take(stretch.records, of: shard)
            progress.advance(to: stretch.last)
        }
    }

    private func take(_ records: [JournalRecord], of shard: Shard) async throws {
        let now = clock()
        var accounts: Set<CustomerID> = []
        for record in records {
            for entry in try RecordBody(record.bytes, of: Self.kinds).entries {
                for bytes in entry.events {
                    let event = try RetailEvent(kind: entry.kind, id: entry.id, event: bytes)
                    if let (id, event) = event.of(Session.self), case .ended = event {
                        ended.insert(id.description, until: record.time + life, now: now)
                    } else if let (id, event) = event.of(Account.self), case .sessionsEnded = event {
                        accounts.insert(id)
                    } else if let (id, event) = event.of(VerificationKey.self) {
                        keys.take(event, of: id, now: now)
                    }
                }
            }
        }
        guard !accounts.isEmpty else { return }
        let changed = accounts.sorted()
        for account in await shard.readCommitted({ states in changed.map { states.read(Account.self, $0).state } }) {
            ended.insert(account, life: life, now: now)
        }
    }
}
