import Synchronization

/// Counts requests per caller by the generic cell rate algorithm (ITU-T I.371): one moment per caller, no timers.
///
/// The moment is when the caller's bucket will be full again ("theoretical arrival time"). A request moves it on by one
/// interval; one that would move it more than a window ahead is refused and moves nothing.
///
/// The nodes of a cluster tell each other several times a second how far requests to each of them have moved which
/// moments (`RateLimiter+sharing`).
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

    struct Content {
        var full: [UInt64: Int64] = [:]
        /// What this node has let pass since the others were told, in nanoseconds of the bucket; empty on a node alone.
        var used: [UInt64: Int64] = [:]
    }

    final class Shard: Sendable {
        let content = Mutex(Content())
    }

    /// A power of two; far more than there are cores, so that two requests seldom want the same lock.
    static let shardCount = 32
    /// Callers that are looked at to find one to forget: the best of eight is in the oldest third 96 times in 100.
    static let evictionSample = 8

    let shards: [Shard]
    let shardMax: Int
    let isShared: Bool
    /// Comes when a caller has used so much on this node that the others should be told at once.
    public let heavyUses: AsyncStream<Void>
    private let bell: AsyncStream<Void>.Continuation

    /// - Parameter isShared: whether other nodes count the same callers.
    public init(callersMax: Int, isShared: Bool = false) {
        shards = (0..<Self.shardCount).map { _ in Shard() }
        shardMax = max(1, callersMax / Self.shardCount)
        self.isShared = isShared
        (heavyUses, bell) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    var count: Int { shards.reduce(0) { $0 + $1.content.withLock(\.full.count) } }

    func shard(of key: UInt64) -> Shard { shards[Int(key & UInt64(Self.shardCount - 1))] }

    /// Counts one request.
    ///
    /// - Parameter now: nanoseconds of a clock that never goes back.
    public func count(_ key: RateKey, _ policy: RatePolicy, now: Int64) -> Verdict {
        let interval = policy.interval
        let window = interval * Int64(policy.quota)
        let (verdict, isHeavy) = shard(of: key.rawValue).content.withLock { content in
            let before = max(content.full[key.rawValue] ?? now, now)
            let after = before + interval
            guard after - now <= window else {
                let wait = after - now - window
                return (Verdict(isAllowed: false, remaining: 0, retryAfter: wait, reset: before - now), false)
            }
            set(key.rawValue, to: after, in: &content, now: now)
            let verdict = Verdict(
                isAllowed: true, remaining: Int((window - (after - now)) / interval), retryAfter: 0, reset: after - now)
            guard isShared else { return (verdict, false) }
            return (verdict, content.use(interval, of: key.rawValue, countMax: shardMax) >= window / Self.heavyShare)
        }
        if isHeavy { bell.yield() }
        return verdict
    }

    func set(_ key: UInt64, to moment: Int64, in content: inout Content, now: Int64) {
        if content.full[key] == nil, content.full.count >= shardMax { Self.makeRoom(in: &content.full, now: now) }
        content.full[key] = moment
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
