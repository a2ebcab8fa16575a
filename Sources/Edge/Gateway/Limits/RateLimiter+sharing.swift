/// What one node has let pass of one caller, as the others are told.
public struct RateUse: Sendable, Equatable {
    /// The caller under a policy, by the hash that all nodes share.
    public let key: UInt64
    /// How far it has moved the caller's bucket.
    public let nanoseconds: Int64

    public init(key: UInt64, nanoseconds: Int64) {
        self.key = key
        self.nanoseconds = nanoseconds
    }
}

/// One count on all nodes. Each lets pass what its own bucket allows, and takes from it what the others have let pass
/// as soon as it hears of that: what they let pass too much in between is waited for afterwards, so that over any time
/// no more passes than on one node, but for what is under way between two exchanges.
extension RateLimiter {
    /// This part of a quota, used on one node, is told at once: on three nodes together at most a tenth passes unheard.
    static let heavyShare: Int64 = 32
    /// Two days: more than any quota takes to come back.
    private static let useMax: Int64 = 2 * 86_400 * 1_000_000_000

    /// What this node has let pass since the last call.
    ///
    /// - Parameter countMax: more callers wait for the next call.
    public func takeUses(countMax: Int) -> [RateUse] {
        var uses: [RateUse] = []
        for shard in shards where uses.count < countMax {
            shard.content.withLock { content in
                while uses.count < countMax, let (key, used) = content.used.popFirst() {
                    uses.append(RateUse(key: key, nanoseconds: used))
                }
            }
        }
        return uses
    }

    /// Takes what another node has let pass.
    ///
    /// - Parameter now: nanoseconds of this node's clock; the other's does not matter.
    public func merge(_ uses: [RateUse], now: Int64) {
        for use in uses {
            shard(of: use.key).content.withLock { content in
                let before = max(content.full[use.key] ?? now, now)
                let after = before + min(max(use.nanoseconds, 0), Self.useMax)
                set(use.key, to: min(after, now + Self.useMax), in: &content, now: now)
            }
        }
    }
}

extension RateLimiter.Content {
    /// - Returns: what the others have not been told yet.
    mutating func use(_ nanoseconds: Int64, of key: UInt64, countMax: Int) -> Int64 {
        guard used.count < countMax || used[key] != nil else { return 0 }
        used[key, default: 0] += nanoseconds
        return used[key] ?? 0
    }
}
