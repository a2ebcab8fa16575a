import ActorSystem
import Commerce
import EventSourcing
import Schema

/// One thing that an account asked for, as the log tells.
public struct AccountChange: Sendable {
    public let time: Timestamp
    public let event: EventName
    /// What it happened to, by its id.
    public let subject: String
}

/// What an account asked for last.
public struct AccountChanges: Sendable {
    /// Oldest first; at most `countMax`.
    public var changes: [AccountChange] = []
    /// Whether that is everything that the account's shard ever recorded of it.
    public var isComplete: Bool

    public static let countMax = 1_000
    /// Records that are looked at: a fifth of a second.
    static let recordsMax: UInt64 = 100_000
}

extension AccountBook {
    private static let recordsAtOnceMax = 1_024
    private static let bytesAtOnceMax = 4 << 20

    /// What the newest records of the account's shard say that it asked for.
    public func changes(by customer: CustomerID) async throws -> AccountChanges {
        let shard = shards[customer.slot]
        let (journal, actor) = (shard.journal, ActorID(customer))
        let end = try await shard.journalBarrier()
        let oldest = LogIndex(max(1, end.rawValue - min(end.rawValue, AccountChanges.recordsMax)))
        var next = max(oldest, journal.first)
        var found = AccountChanges(isComplete: next == LogIndex(1))
        while next <= end {
            let records = try journal.records(
                from: next, countMax: Self.recordsAtOnceMax, bytesMax: Self.bytesAtOnceMax)
            guard let last = records.last else { break }
            for record in records { try found.take(record, by: actor) }
            next = last.index.next
            await Task.yield()
        }
        return found
    }
}

extension AccountChanges {
    fileprivate mutating func take(_ record: JournalRecord, by actor: ActorID) throws {
        let body = try RecordBody(record.bytes)
        guard body.actor == actor else { return }
        for entry in body.entries {
            for bytes in entry.events {
                let event = try RetailEvent(kind: entry.kind, id: entry.id, event: bytes)
                guard let name = event.name else { continue }
                changes.append(AccountChange(time: record.time, event: name, subject: event.subject))
            }
        }
        guard changes.count > Self.countMax else { return }
        changes.removeFirst(changes.count - Self.countMax)
        isComplete = false
    }
}
