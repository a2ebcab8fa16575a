import Synchronization

/// Who is counted. Callers are told apart by a hash that is seeded per process, so that no caller can aim at another's.
public struct RateKey: Hashable, Sendable {
    let rawValue: UInt64

    public init(_ policy: RatePolicy, _ caller: some Hashable) {
        var hasher = Hasher()
        hasher.combine(policy.name)
        hasher.combine(caller)
        rawValue = UInt64(bitPattern: Int64(hasher.finalize()))
    }
}

/// Counts requests per caller by the generic cell rate algorithm (ITU-T I.371): one moment per caller, no timers.
///
/// The moment is when the caller's bucket will be full again ("theoretical arrival time"). A request moves it on by one
/// interval; one that would move it more than a window ahead is refused and moves nothing.
public final class RateLimiter: Sendable {
    /// What a caller has left.
    public struct Verdict: Equatable, Sendable {
        public let isAllowed: Bool
        public let remaining: Int
        /// Nanoseconds until one more request passes; zero while some remain.
        public let retryAfter: Int64
        /// Nanoseconds until the whole quota is back.
        public let reset: Int64
    }

    private final class Shard: Sendable {
        let full = Mutex<[UInt64: Int64]>([:])
    }

    /// A power of two; far more than there are cores, so that two requests seldom want the same lock.
    static let shardCount = 32
    /// Callers that are looked at to find one to forget: the best of eight is in the oldest third 96 times in 100.
    static let evictionSample = 8

    private let shards: [Shard]
    private let shardMax: Int

    public init(callersMax: Int) {
        shards = (0..<Self.shardCount).map { _ in Shard() }
        shardMax = max(1, callersMax / Self.shardCount)
    }

    var count: Int { shards.reduce(0) { $0 + $1.full.withLock(\.count) } }

    /// Counts one request.
    ///
    /// - Parameter now: nanoseconds of a clock that never goes back.
    public func count(_ key: RateKey, _ policy: RatePolicy, now: Int64) -> Verdict {
        let interval = policy.interval
        let window = interval * Int64(policy.quota)
        return shards[Int(key.rawValue & UInt64(Self.shardCount - 1))].full.withLock { full in
            let before = max(full[key.rawValue] ?? now, now)
            let after = before + interval
            guard after - now <= window else {
                return Verdict(isAllowed: false, remaining: 0, retryAfter: after - now - window, reset: before - now)
            }
            if full[key.rawValue] == nil, full.count >= shardMax { Self.makeRoom(in: &full, now: now) }
            full[key.rawValue] = after
            return Verdict(
                isAllowed: true, remaining: Int((window - (after - now)) / interval), retryAfter: 0, reset: after - now)
        }
    }

    /// Forgets callers whose bucket is full, which changes nothing for them; when there are none, the fullest of a few.
    private static func makeRoom(in full: inout [UInt64: Int64], now: Int64) {
        let idle = full.prefix(evictionSample).min { $0.value < $1.value }
        guard let idle else { return }
        if idle.value <= now {
            full = full.filter { $0.value > now }
        } else {
            full[idle.key] = nil
        }
    }
}

extension RateLimiter.Verdict {
    /// The value of `RateLimit`. IETF draft-ietf-httpapi-ratelimit-headers-10, section 4.
    func header(_ policy: RatePolicy) -> String {
        "\"\(policy.name)\";r=\(remaining);t=\((reset + 999_999_999) / 1_000_000_000)"
    }

    /// The refusal with its three header fields.
    func problem(_ policy: RatePolicy) -> Problem {
        var problem = Problem(
            .rateLimited, "At most \(policy.quota) \(policy.counted) in \(policy.window.components.seconds) s."
        )
        .retry(after: .nanoseconds(retryAfter))
        problem.headers[.rateLimit] = header(policy)
        problem.headers[.rateLimitPolicy] = policy.header
        return problem
    }
}
