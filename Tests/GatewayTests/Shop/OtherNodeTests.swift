import Accounts
import Checkout
import Commerce
import EventSourcing
import Foundation
import Logging
import Synchronization
import Testing

@testable import Gateway

/// What one node has told a client, and another is asked about.
@Suite("Two nodes of a shop", .timeLimit(.minutes(10)))
struct OtherNodeTests {
    /// Runs `body` with what a node that leads nothing knows of tokens.
    private func follow(
        _ fixture: ShopFixture, _ body: (OtherNode, Identity) async throws -> Void
    ) async throws {
        let other = OtherNode(of: fixture)
        let identity = Identity(of: other.shards, secrets: [], isAlone: false, clock: ShopFixture.now)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await identity.credentials.follow() }
            group.addTask { await identity.freshness?.watch() }
            try await body(other, identity)
            group.cancelAll()
        }
    }

    @Test("a follower publishes its key through the leader, and each node knows the tokens of the other")
    func tokens() async throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("keys-\(UUID())").path
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try await ShopFixture.run(isAlone: false) { fixture in
            try await follow(fixture) { other, identity in
                let publisher = KeyPublisher(
                    directory: directory, node: 2, shards: other.shards, identity: identity, clock: ShopFixture.now,
                    logger: Logger(label: "keys"))
                try await publisher.publish()
                let token = try await identity.issuer.issue(
                    subject: OtherNodeTests.customer.description, role: .staff, sessionID: "ses_1",
                    now: ShopFixture.now()
                ).token
                #expect(try await fixture.send(.get, "/inventory/A", token: token).status == 404)
                let here = try await fixture.token(.admin)
                #expect(try await identity.verifier.verify(here, now: ShopFixture.now()).role == .admin)
            }
        }
    }

    private static let customer = CustomerID(at: .zero, slot: Slot(7), random: 1 << 40)

    @Test("a follower whose view lags by more than a second takes no tokens")
    func lag() async throws {
        try await ShopFixture.run(shards: 1) { fixture in
            try await follow(fixture) { other, identity in
                let freshness = try #require(identity.freshness)
                let clock = GatewayClock.system
                while !freshness.isFresh(at: clock.monotonic()) { try await Task.sleep(for: .milliseconds(5)) }
                other.lag.hold(ShardID(0), at: other.shards.catalogue.journal.committed)
                _ = try await fixture.send(.post, "/auth/register", AccountRouteTests.form)
                // Nothing is looked at any more, so it is a matter of the clock alone.
                #expect(!freshness.isFresh(at: clock.monotonic() + 1_100_000_000))
                while freshness.isFresh(at: clock.monotonic()) { try await Task.sleep(for: .milliseconds(5)) }
                #expect(freshness.stalest(at: clock.monotonic())?.shard == ShardID(0))
                #expect(throws: Problem.self) { try identity.verifier.requireFresh(now: clock.monotonic()) }
                // The log goes on, and with the next record the follower looks.
                other.lag.letGo()
                let staff = try await fixture.token(.staff)
                _ = try await fixture.send(.post, "/products", ProductRouteTests.form("A"), token: staff)
                while !freshness.isFresh(at: clock.monotonic()) { try await Task.sleep(for: .milliseconds(5)) }
            }
        }
    }

    @Test("a reader of events goes on at another node: one that is behind comes so far, and no event comes twice")
    func feed() async throws {
        try await ShopFixture.run { fixture in
            try await follow(fixture) { other, _ in
                let staff = try await fixture.token(.staff)
                for sku in ["A", "B", "C"] {
                    _ = try await fixture.send(.post, "/products", ProductRouteTests.form(sku), token: staff)
                    _ = try await fixture.send(.post, "/inventory/\(sku)/receive", #"{"quantity":1}"#, token: staff)
                }
                let (first, second) = (EventFeed(shards: fixture.shop.shards), EventFeed(shards: other.shards))
                let all = try await Self.events(of: first, after: first.beginning, countMax: 6)
                for count in 1..<6 {
                    let head = try await Self.events(of: first, after: first.beginning, countMax: count)
                    let position = try #require(head.last?.position)
                    for shard in other.shards.shards { other.lag.hold(shard.id, at: .zero) }
                    async let reached: Void = second.reach(position, at: ShopFixture.now())
                    try await Task.sleep(for: .milliseconds(30))
                    other.lag.letGo()
                    try await reached
                    let tail = try await Self.events(of: second, after: position, countMax: 6 - count)
                    #expect((head + tail).map(\.id) == all.map(\.id))
                }
            }
        }
    }

    @Test("a position that no node has come to is of another cluster")
    func strangePosition() async throws {
        try await ShopFixture.run(shards: 1) { fixture in
            try await follow(fixture) { other, _ in
                let feed = EventFeed(shards: other.shards)
                let position = try #require(FeedPosition("1000000"))
                await #expect(throws: FeedFailure.positionExpired) {
                    try await feed.reach(position, at: ShopFixture.now())
                }
            }
        }
    }

    private static func events(
        of feed: EventFeed, after start: FeedPosition, countMax: Int
    ) async throws -> [FeedEvent] {
        let found = Found()
        try await feed.follow(
            after: start, types: nil, idleAfter: .seconds(5), until: StopSignal().wait,
            while: { found.events.withLock { $0.count < countMax } }
        ) { step in
            if case .events(let events) = step { found.events.withLock { $0 += events } }
        }
        return Array(found.events.withLock { $0 }.prefix(countMax))
    }

    private final class Found: Sendable {
        let events = Mutex<[FeedEvent]>([])
    }
}
