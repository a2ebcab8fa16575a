import EventSourcing
import Synchronization

/// Tokens that were verified, until they end. Bounded: a full shard forgets what has ended, else any one of its tokens.
final class TokenCache: Sendable {
    private final class Shard: Sendable {
        let principals = Mutex<[String: Principal]>([:])
    }

    /// A power of two; far more than there are cores, so that two requests seldom want the same lock.
    static let shardCount = 16

    private let shards: [Shard]
    private let shardMax: Int

    init(countMax: Int) {
        shards = (0..<Self.shardCount).map { _ in Shard() }
        shardMax = max(1, countMax / Self.shardCount)
    }

    var count: Int { shards.reduce(0) { $0 + $1.principals.withLock(\.count) } }

    func principal(of token: String, now: Timestamp) -> Principal? {
        shard(of: token).principals.withLock { principals in
            guard let principal = principals[token] else { return nil }
            if now < principal.expiresAt { return principal }
            principals[token] = nil
            return nil
        }
    }

    func remember(_ token: String, _ principal: Principal, now: Timestamp) {
        shard(of: token).principals.withLock { principals in
            if principals.count >= shardMax { principals = principals.filter { now < $0.value.expiresAt } }
            if principals.count >= shardMax, let any = principals.keys.first { principals[any] = nil }
            principals[token] = principal
        }
    }

    /// By the end of the signature, which is as good as random for tokens that were verified.
    private func shard(of token: String) -> Shard {
        var mixed = 0
        for byte in token.utf8.suffix(4) { mixed = mixed &* 31 &+ Int(byte) }
        return shards[mixed & (Self.shardCount - 1)]
    }
}
