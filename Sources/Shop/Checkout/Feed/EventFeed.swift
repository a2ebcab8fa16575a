import ActorSystem
import Commerce
import EventSourcing
import Schema

/// A committed event, with its place in the feed.
public struct FeedEvent: Sendable {
    /// The feed behind this event; reading on after it brings the next one.
    public let position: FeedPosition
    /// Names the event for ever: its shard, its record, its place in the record.
    public let id: String
    /// When it was recorded.
    public let time: Timestamp
    public let name: EventName
    public let event: RetailEvent
    /// The account that asked for it; nil for what the shop did by itself.
    public let actor: CustomerID?
    /// The order, when it was placed: the event itself says only that it is paid.
    public let order: Order?
}

/// Why the feed cannot be read from a position.
public enum FeedFailure: Error, Sendable, Equatable {
    /// The log no longer holds what comes behind it, or never did: it is of another cluster.
    case positionExpired
    /// This node has yet to come so far, and does not in a while.
    case behind
}

/// The shop's committed events as one stream: the logs of all shards, each in its order, without gap or repeat.
public struct EventFeed: Sendable {
    /// Read at once from one shard; what is under way to a slow reader is bounded by it.
    private static let limits = LogFollower.Limits(recordsMax: 256, bytesMax: 256 << 10)
    /// How often a follower is asked whether it still wants events: one that may not listen any more hears nothing a
    /// second later.
    private static let askInterval = Duration.milliseconds(250)

    private let shards: ShardMap

    public init(shards: ShardMap) { self.shards = shards }

    /// Behind everything that is committed now.
    public var end: FeedPosition { FeedPosition(shards.shards.map(\.journal.committed)) }

    /// Before the oldest events that are kept.
    public var beginning: FeedPosition {
        FeedPosition(shards.shards.map { LogIndex($0.journal.first.rawValue - 1) })
    }

    /// How long a reader waits for a node that is behind its position: a node that lags more is of little use to it.
    private static let behindMax = Duration.seconds(5)
    private static let behindPause = Duration.milliseconds(10)

    /// Returns once reading can begin at `position`, which another node may have told: where this node is behind it, it
    /// comes so far first.
    ///
    /// - Throws: `FeedFailure` when reading cannot begin there, `ExecutionFailure` when no leader says whether it can.
    public func reach(_ position: FeedPosition, at now: Timestamp) async throws {
        for (shard, index) in zip(shards.shards, position.indices) where index > shard.journal.committed {
            // What no node has is of another cluster.
            guard index <= (try await shard.journalBarrier()) else { throw FeedFailure.positionExpired }
            let end = ContinuousClock.now + Self.behindMax
            while shard.journal.committed < index {
                guard ContinuousClock.now < end else { throw FeedFailure.behind }
                try await Task.sleep(for: Self.behindPause)
            }
        }
        try check(position)
    }

    /// - Throws: `FeedFailure` when reading cannot begin at `position`.
    public func check(_ position: FeedPosition) throws(FeedFailure) {
        guard position.indices.count == shards.shards.count else { throw .positionExpired }
        for (shard, index) in zip(shards.shards, position.indices) {
            let journal = shard.journal
            guard index <= journal.committed, index.next >= journal.first else { throw .positionExpired }
        }
    }

    /// What a follower of the feed is handed.
    public enum Step: Sendable {
        case events([FeedEvent])
        /// Nothing has come for a while; everything up to here has been seen.
        case idle(FeedPosition)
    }

    /// Hands events to `body` as they are committed, until the task is cancelled, `stop` returns or a journal ends.
    /// Nothing is read while `body` works: a slow reader holds back itself alone.
    ///
    /// - Parameters:
    ///   - types: which events; nil for all.
    ///   - pause: after so long without an event `body` is told that there was none.
    ///   - isWanted: asked before each step, and several times a second while nothing happens: no event leaves once it
    ///     has said no.
    /// - Throws: `FeedFailure` when the log is truncated past a reader that is too slow.
    public func follow(
        after start: FeedPosition, types: Set<EventName>?, idleAfter pause: Duration,
        until stop: @escaping @Sendable () async -> Void, while isWanted: @Sendable () -> Bool,
        _ body: (Step) async throws -> Void
    ) async throws {
        let (bell, ringer) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        // Before the first look, so that nothing is committed unheard between it and the first wait.
        let commits = shards.shards.map { $0.journal.commits() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for commits in commits {
                group.addTask {
                    for await _ in commits { ringer.yield() }
                    ringer.finish()
                }
            }
            group.addTask {
                await stop()
                ringer.finish()
            }
            group.addTask {
                while !Task.isCancelled {
                    try? await Task.sleep(for: min(pause, Self.askInterval))
                    ringer.yield()
                }
            }
            defer { group.cancelAll() }
            var position = start
            var followers = shards.shards.map { LogFollower(of: $0, limits: Self.limits) }
            var rings = bell.makeAsyncIterator()
            var lastStep = ContinuousClock.now
            while !Task.isCancelled {
                let before = position
                let events = try await read(after: &position, &followers, types: types)
                guard isWanted() else { return }
                if !events.isEmpty {
                    try await body(.events(events))
                    lastStep = .now
                } else if ContinuousClock.now - lastStep >= pause {
                    try await body(.idle(position))
                    lastStep = .now
                }
                if position == before, await rings.next() == nil { return }
            }
        }
    }

    // MARK: - Reading

    /// The next events of every shard, and the position behind them.
    private func read(
        after position: inout FeedPosition, _ followers: inout [LogFollower], types: Set<EventName>?
    ) async throws -> [FeedEvent] {
        var events: [FeedEvent] = []
        for number in order(of: position) {
            let seen = position.indices[number]
            // Every node has the same log: a snapshot replaces none of what is read from it, but may leave it out.
            let stretch = try await followers[number].next { beginning in
                guard beginning != .truncated else { throw FeedFailure.positionExpired }
                return seen
            }
            guard let stretch else { continue }
            var reader = FeedReader(shard: number, types: types, position: position)
            for record in stretch.records { try reader.read(record) }
            position = reader.position
            position.indices[number] = stretch.last
            events += await complete(reader.found, on: shards.shards[number])
        }
        return events
    }

    /// The shards' numbers, one that is within a record first: a position tells of one such shard at most.
    private func order(of position: FeedPosition) -> [Int] {
        let numbers = Array(shards.shards.indices)
        guard let first = position.partial?.shard else { return numbers }
        return [first] + numbers.filter { $0 != first }
    }

    /// The public events of consecutive records of one shard, in their order. Their positions tell of that shard alone.
    func events(in records: [JournalRecord], of shard: Shard) async throws -> [FeedEvent] {
        let nowhere = FeedPosition(shards.shards.map { _ in .zero })
        var reader = FeedReader(shard: Int(shard.id.rawValue), types: nil, position: nowhere)
        for record in records { try reader.read(record) }
        return await complete(reader.found, on: shard)
    }

    /// Adds what the events themselves do not say: the orders behind payments. Who bought what is settled by then.
    private func complete(_ found: [FeedReader.Found], on shard: Shard) async -> [FeedEvent] {
        let paid = found.compactMap(\.paidOrder)
        var orders: [OrderID: Order] = [:]
        if !paid.isEmpty {
            let states = await shard.readCommitted { states in paid.map { states.read(Order.self, $0).state } }
            for order in states { orders[order.id] = order }
        }
        return found.map { found in
            FeedEvent(
                position: found.position, id: found.id, time: found.time, name: found.name, event: found.event,
                actor: found.actor, order: found.paidOrder.flatMap { orders[$0] })
        }
    }
}

/// Reads one shard's records into events.
private struct FeedReader {
    struct Found {
        let position: FeedPosition
        let id: String
        let time: Timestamp
        let name: EventName
        let event: RetailEvent
        let actor: CustomerID?

        var paidOrder: OrderID? {
            if let (id, event) = event.of(Order.self), case .paid = event { id } else { nil }
        }
    }

    let shard: Int
    let types: Set<EventName>?
    private(set) var position: FeedPosition
    private(set) var found: [Found] = []

    init(shard: Int, types: Set<EventName>?, position: FeedPosition) {
        self.shard = shard
        self.types = types
        self.position = position
    }

    mutating func read(_ record: JournalRecord) throws {
        let body = try RecordBody(record.bytes)
        let entries = body.entries
        let actor = body.actor.flatMap { CustomerID($0) }
        let count = entries.reduce(0) { $0 + $1.events.count }
        var seen = 0
        let skipped = position.partial.map { $0.shard == shard ? $0.events : 0 } ?? 0
        for entry in entries {
            for bytes in entry.events {
                seen += 1
                guard seen > skipped else { continue }
                let event = try RetailEvent(kind: entry.kind, id: entry.id, event: bytes)
                guard let name = event.name, types?.contains(name) ?? true else { continue }
                var position = position
                move(&position, past: seen, of: count, in: record.index)
                found.append(
                    Found(
                        position: position, id: "\(shard).\(record.index).\(seen)", time: record.time, name: name,
                        event: event, actor: actor))
            }
        }
        move(&position, past: count, of: count, in: record.index)
    }

    private func move(_ position: inout FeedPosition, past seen: Int, of count: Int, in index: LogIndex) {
        if seen == count {
            position.indices[shard] = index
            if position.partial?.shard == shard { position.partial = nil }
        } else {
            position.partial = FeedPosition.Partial(shard: shard, events: seen)
        }
    }
}
