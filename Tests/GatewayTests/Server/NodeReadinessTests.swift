import ActorSystem
import CatalogueSearch
import Checkout
import Commerce
import EventSourcing
import Foundation
import Logging
import Storage
import Testing

@testable import Gateway

@Suite("The opening of a node", .timeLimit(.minutes(10)))
struct NodeReadinessTests {
    @Test("waits for leaders, then for views, and says for which")
    func opening() async throws {
        let cut = Cut()
        cut.isMade = true
        try await Self.run(through: cut) { readiness, follow in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await readiness.showPresent() }
                try await Task.sleep(for: .milliseconds(150))
                #expect(readiness.reason == "No leader of shard 0 is known yet.")
                #expect(!readiness.isReady && !readiness.isOpen)
                cut.isMade = false
                while readiness.reason?.contains("behind") != true { try await Task.sleep(for: .milliseconds(5)) }
                follow(&group)
                // The views go on: what ends first is that they show the present.
                try await group.next()
                group.cancelAll()
            }
            #expect(readiness.reason == "No key for tokens is published yet.")
            readiness.notePublished()
            #expect(!readiness.isReady)
            readiness.open()
            #expect(readiness.isReady)
        }
    }

    /// Runs `body` with a node whose log has a record that none of its views shows.
    private static func run(
        through cut: Cut,
        _ body: (NodeReadiness, (inout ThrowingTaskGroup<Void, any Error>) -> Void) async throws -> Void
    ) async throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("node-\(UUID())").path
        let directory = try DataDirectory(path: path, shards: 1, creating: true)
        defer {
            directory.close()
            try? FileManager.default.removeItem(atPath: path)
        }
        let journal = CutJournal(directory.journals[0], cut)
        let shards = ShardMap([
            Shard(id: ShardID(0), journal: journal, states: directory.states[0], kinds: OwnedKind.all) {
                fatalError("\($0)")
            }
        ])
        let views = try await ShopViews(
            shards: shards, index: .memory, floors: RetentionFloors(), clock: ShopFixture.now,
            logger: Logger(label: "search"))
        let identity = Identity(of: shards, secrets: [], clock: ShopFixture.now)
        cut.isMade = false
        let id = IdempotencyKeyID(slot: Slot(0), digest: Digest256([UInt8](repeating: 1, count: 32))!)
        _ = try await shards.execute(on: id.slot, at: ShopFixture.now()) { batch throws(IdempotencyKey.Refusal) in
            let end = batch.now + .seconds(60)
            try batch.decide(
                IdempotencyKey.self, id,
                .claim(fingerprint: id.digest, subject: .elsewhere(Slot(1)), expiresAt: end))
        }
        cut.isMade = true
        try await body(NodeReadiness(shards, views: views, identity: identity)) { group in
            group.addTask { try await identity.credentials.follow() }
            group.addTask { try await views.priceFollower.follow() }
            group.addTask { try await views.search.run() }
        }
        try await identity.hasher.shutdown()
    }
}
