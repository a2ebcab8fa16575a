import EventSourcing
import Foundation
import Logging

@testable import Gateway

extension ShopFixture {
    /// Runs `body` with what a node that starts now knows of tokens.
    ///
    /// - Parameter moment: the time at which it starts; nil for the present.
    func restarted(at moment: Timestamp? = nil, _ body: (Identity) async throws -> Void) async throws {
        let clock: @Sendable () -> Timestamp = { moment ?? Self.now() }
        let identity = Identity(of: shop.shards, secrets: keys.keys.map(RefreshSecret.init), clock: clock)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await identity.credentials.follow() }
            await identity.credentials.catchUp()
            try await body(identity)
            group.cancelAll()
        }
    }
}
