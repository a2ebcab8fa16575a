import EventSourcing
import Foundation
import Logging

@testable import Accounts
@testable import Gateway

extension CredentialFollower {
    /// Returns once everything that is committed now in every log is known.
    func catchUp() async {
        for shard in shards.shards { await catchUp(to: shard.journal.committed, of: shard.id) }
    }
}

extension ShopFixture {
    /// Runs `body` with what a node that starts now knows of tokens.
    ///
    /// - Parameters:
    ///   - moment: the time at which it starts; nil for the present.
    ///   - isAlone: whether no other node changes anything.
    func restarted(
        at moment: Timestamp? = nil, isAlone: Bool = true, _ body: (Identity) async throws -> Void
    ) async throws {
        let clock: @Sendable () -> Timestamp = { moment ?? Self.now() }
        let identity = Identity(
            of: shop.shards, secrets: keys.keys.map(RefreshSecret.init), isAlone: isAlone, clock: clock)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await identity.credentials.follow() }
            group.addTask { await identity.freshness?.watch() }
            await identity.credentials.catchUp()
            try await body(identity)
            group.cancelAll()
        }
    }
}
