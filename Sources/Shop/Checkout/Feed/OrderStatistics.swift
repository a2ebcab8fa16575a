import ActorSystem
import Commerce
import EventSourcing
import Schema
import ServiceLifecycle
import Synchronization

/// What became of orders, hour by hour, as the logs tell: for charts. In memory on each node that is asked for it,
/// which counts the last month of its logs then, as far as they go back, and follows them from there. The others, and a
/// node that has just started, spend nothing on it.
public final class OrderStatistics: Service {
    /// A month of hours is kept: some hundred bytes each.
    public static let span = Duration.seconds(31 * 86_400)
    private static let hour: Int64 = 3_600_000_000
    private static let limits = LogFollower.Limits(recordsMax: 1_024, bytesMax: 4 << 20)

    private struct Content {
        /// By the hour since 1970.
        var hours: [Int64: OrderCounts] = [:]
        /// The first moment that is counted.
        var since: Timestamp?
    }

    private let shards: ShardMap
    private let clock: @Sendable () -> Timestamp
    /// In the order of the shards, so that one that begins anew takes back what it has counted.
    private let contents: Mutex<[Content]>
    private let progress: [FollowerProgress]
    /// Yields when it is asked.
    private let asked = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))

    public init(of shards: ShardMap, clock: @escaping @Sendable () -> Timestamp) {
        self.shards = shards
        self.clock = clock
        contents = Mutex(shards.shards.map { _ in Content() })
        progress = shards.shards.map { _ in FollowerProgress(.zero) }
    }

    /// Follows all shards from when it is first asked until the node shuts down, or a journal ends.
    public func run() async throws {
        try await cancelWhenGracefulShutdown { [self] in
            defer { for progress in progress { progress.end() } }
            for await _ in asked.stream { break }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for shard in shards.shards { group.addTask { try await self.follow(shard) } }
                try await group.next()
                group.cancelAll()
            }
        }
    }

    /// Returns once it has counted everything that any node had acknowledged before the call.
    public func catchUp() async throws(ExecutionFailure) {
        asked.continuation.yield()
        for (shard, progress) in zip(shards.shards, progress) {
            await progress.wait(for: try await shard.journalBarrier())
        }
    }

    /// The counts of each stretch of `length` from `begin` on, as many as end after `end`. Whole hours only.
    ///
    /// - Returns: also the first moment of which everything is counted; nil when nothing is yet.
    public func counts(
        from begin: Timestamp, to end: Timestamp, each length: Duration
    ) -> (since: Timestamp?, stretches: [(begin: Timestamp, counts: OrderCounts)]) {
        contents.withLock { contents in
            var stretches: [(begin: Timestamp, counts: OrderCounts)] = []
            var moment = begin
            while moment < end {
                let next = moment + length
                var counts = OrderCounts()
                for hour in Self.number(of: moment)..<Self.number(of: next) {
                    for content in contents { if let part = content.hours[hour] { counts += part } }
                }
                stretches.append((moment, counts))
                moment = next
            }
            let since = contents.map(\.since)
            return (since.contains(nil) ? nil : since.compactMap(\.self).max(), stretches)
        }
    }

    private static func number(of moment: Timestamp) -> Int64 { moment.microseconds / hour }

    // MARK: - Following

    private func follow(_ shard: Shard) async throws {
        let (place, progress) = (Int(shard.id.rawValue), progress[Int(shard.id.rawValue)])
        try await LogFollower(of: shard, limits: Self.limits).follow { _ in
            // Whatever was counted of a log that has been replaced is counted anew.
            let since = clock() + (.zero - Self.span)
            let first = try shard.journal.first(since: since)
            let start = LogIndex(first.rawValue - 1)
            contents.withLock { $0[place] = Content(since: first == shard.journal.first ? nil : since) }
            progress.advance(to: start)
            return start
        } _: { stretch in
            try await take(stretch.records, of: shard)
            progress.advance(to: stretch.last)
        }
    }

    private func take(_ records: [JournalRecord], of shard: Shard) async throws {
        var found: [(id: OrderID, event: Order.Event, hour: Int64)] = []
        var placed: [Int64] = []
        for record in records {
            let hour = Self.number(of: record.time)
            for entry in try RecordBody(record.bytes, of: KindSet(Order.kind)).entries {
                guard let id = OrderID(encoded: entry.id) else { throw MalformedBytes("no order id", at: 0) }
                for bytes in entry.events {
                    if Order.isPlacing(bytes) { placed.append(hour) } else {
                        found.append((id, try Order.decodeEvent(bytes), hour))
                    }
                }
            }
        }
        let paid = found.compactMap { if case .paid = $0.event { $0.id } else { nil } }
        var totals: [OrderID: Money] = [:]
        if !paid.isEmpty {
            let states = await shard.readCommitted { states in
                paid.map { id in states.look(at: Order.self, id) { $0.state.total } }
            }
            for (id, total) in zip(paid, states) { totals[id] = total }
        }
        let since = Self.number(of: clock() + (.zero - Self.span))
        contents.withLock { [totals, found, placed] contents in
            let place = Int(shard.id.rawValue)
            if contents[place].since == nil { contents[place].since = records.first?.time }
            for hour in placed where hour >= since { contents[place].hours[hour, default: OrderCounts()].placed += 1 }
            for (id, event, hour) in found where hour >= since {
                contents[place].hours[hour, default: OrderCounts()].count(event, total: totals[id])
            }
            contents[place].hours = contents[place].hours.filter { $0.key >= since }
        }
    }
}
