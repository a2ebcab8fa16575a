import EventSourcing

/// How far one endpoint has come with the log of one shard, and which events it has yet to take.
///
/// Invariant: what is set aside and what has failed lies at or before `position`; no event is in both.
public struct WebhookProgress: Aggregate, Equatable {
    public let id: WebhookProgressID
    /// As `WebhookEndpoint.since`, of the endpoint that it was begun for; nil while it is told of nothing.
    public package(set) var since: Timestamp?
    /// Every event up to here was taken, is set aside or has failed.
    public package(set) var position: LogIndex = .zero
    /// Tried again by the schedule, while the events behind them are sent.
    public package(set) var aside: [WebhookDelivery] = []
    /// Not tried again until an administrator wants it; the oldest first.
    public package(set) var failed: [WebhookDelivery] = []
    /// When the endpoint last took an event since it was begun.
    public package(set) var takenAt: Timestamp?

    /// While so many are set aside the endpoint is told of nothing newer: it is the endpoint that fails, not an event.
    public static let asideMax = 64
    /// Past it the oldest is forgotten: it is in the feed.
    public static let failedMax = 128

    public init(id: WebhookProgressID) { self.id = id }

    public enum Command: Sendable, Equatable {
        /// Without effect where it has begun for the same.
        case begin(since: Timestamp, after: LogIndex)
        /// The events up to `to` were taken, but for those set aside. Without effect where it was begun for another.
        case advance(since: Timestamp, to: LogIndex, isTaken: Bool, aside: [WebhookDelivery])
        /// These four are without effect on an event that is not set aside, or has not failed.
        case take(EventPlace)
        case postpone(EventPlace, until: Timestamp, WebhookCause)
        case fail(EventPlace, WebhookCause)
        case replay([EventPlace])
        case end
    }

    public enum Event: Sendable, Equatable {
        case began(since: Timestamp, after: LogIndex)
        case advanced(to: LogIndex, takenAt: Timestamp?, aside: [WebhookDelivery])
        case taken(EventPlace, at: Timestamp)
        case postponed(EventPlace, until: Timestamp, WebhookCause)
        case failed(EventPlace, WebhookCause)
        case replayed([EventPlace], at: Timestamp)
        case ended
    }

    public enum Refusal: UInt8, Error, Sendable, Equatable, CaseIterable {
        /// The endpoint is told of nothing.
        case ended = 1
    }

    public func decide(_ command: Command, at now: Timestamp) throws(Refusal) -> [Event] {
        switch command {
        case .begin(let since, let index):
            return self.since == since ? [] : [.began(since: since, after: index)]
        case .advance(let since, let index, let isTaken, let aside):
            guard self.since == since, index > position else { return [] }
            return [
                .advanced(
                    to: index, takenAt: isTaken ? now : nil,
                    aside: aside.filter { $0.place.index > position && $0.place.index <= index })
            ]
        case .take(let place): return isAside(place) ? [.taken(place, at: now)] : []
        case .postpone(let place, let until, let cause):
            return isAside(place) ? [.postponed(place, until: until, cause)] : []
        case .fail(let place, let cause): return isAside(place) ? [.failed(place, cause)] : []
        case .replay(let places):
            guard since != nil else { throw .ended }
            let there = places.filter { place in failed.contains { $0.place == place } }
            return there.isEmpty ? [] : [.replayed(there, at: now)]
        case .end: return since == nil ? [] : [.ended]
        }
    }

    public mutating func apply(_ event: Event) {
        switch event {
        case .began(let since, let index):
            end()
            self.since = since
            position = index
        case .advanced(let index, let time, let more):
            position = index
            takenAt = time ?? takenAt
            aside += more
        case .taken(let place, let time):
            aside.removeAll { $0.place == place }
            takenAt = time
        case .postponed(let place, let time, let cause):
            change(place) { delivery in
                delivery.attempts += 1
                delivery.dueAt = time
                delivery.cause = cause
            }
        case .failed(let place, let cause):
            change(place) { delivery in
                // What has expired was not tried.
                delivery.attempts += cause == .expired ? 0 : 1
                delivery.cause = cause
            }
            move(to: \.failed, from: \.aside) { $0.place == place }
        case .replayed(let places, let time):
            let places = Set(places)
            for position in failed.indices where places.contains(failed[position].place) {
                failed[position].attempts = 0
                failed[position].dueAt = time
            }
            move(to: \.aside, from: \.failed) { places.contains($0.place) }
        case .ended: end()
        }
        failed.removeFirst(max(0, failed.count - Self.failedMax))
    }

    public func isAside(_ place: EventPlace) -> Bool { aside.contains { $0.place == place } }
    public func hasFailed(_ place: EventPlace) -> Bool { failed.contains { $0.place == place } }

    /// Everything up to here is settled for good: neither owed nor set aside.
    public var settled: LogIndex {
        let oldest = aside.map(\.place.index).min().map { LogIndex($0.rawValue - 1) }
        return min(position, oldest ?? position)
    }

    /// What is owed has failed.
    private mutating func end() {
        move(to: \.failed, from: \.aside) { _ in true }
        since = nil
        takenAt = nil
    }

    private mutating func change(_ place: EventPlace, _ body: (inout WebhookDelivery) -> Void) {
        guard let position = aside.firstIndex(where: { $0.place == place }) else { return }
        body(&aside[position])
    }

    private mutating func move(
        to target: WritableKeyPath<Self, [WebhookDelivery]>, from source: WritableKeyPath<Self, [WebhookDelivery]>,
        _ isMoved: (WebhookDelivery) -> Bool
    ) {
        self[keyPath: target] += self[keyPath: source].filter(isMoved)
        self[keyPath: source].removeAll(where: isMoved)
    }
}

/// Names the progress of an endpoint with the log of a shard, on which it lives.
public struct WebhookProgressID: AggregateID {
    public let endpoint: WebhookID
    /// The shard whose log is read.
    public let source: ShardID

    public init(endpoint: WebhookID, source: ShardID) {
        self.endpoint = endpoint
        self.source = source
    }

    public var slot: Slot { Slot(source.rawValue) }

    /// The endpoint's 16 bytes, then the shard in two, big-endian.
    public func encode(into bytes: inout [UInt8]) {
        endpoint.encode(into: &bytes)
        bytes.append(UInt8(source.rawValue >> 8))
        bytes.append(UInt8(truncatingIfNeeded: source.rawValue))
    }

    public init?(encoded bytes: ArraySlice<UInt8>) {
        guard bytes.count == 18, let endpoint = WebhookID(encoded: bytes.prefix(16)) else { return nil }
        let source = bytes.suffix(2).reduce(0) { $0 << 8 | UInt16($1) }
        guard source < Slot.count else { return nil }
        self.init(endpoint: endpoint, source: ShardID(source))
    }

    public var description: String { "\(endpoint) with shard \(source)" }
}
