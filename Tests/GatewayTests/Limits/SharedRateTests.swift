import Testing

@testable import Gateway

@Suite("Rate limits of several nodes")
struct SharedRateTests {
    private static let seed = RateSeed(low: 0x0706_0504_0302_0100, high: 0x0f0e_0d0c_0b0a_0908)
    private static let millisecond: Int64 = 1_000_000

    @Test("a caller has the same hash on every node that has the secret: SipHash-2-4's own vectors")
    func hash() {
        // The first, ninth and sixteenth of the authors' `vectors.h`, for the inputs 00 01 02 …
        for (length, expected) in [(0, 0x726f_db47_dd0e_0e31), (8, 0x93f5_f579_9a93_2462), (15, 0xa129_ca61_49be_45e5)]
            as [(UInt8, UInt64)]
        {
            var hash = SipHash(Self.seed)
            for byte in 0..<length { hash.append(byte) }
            #expect(hash.finalized() == expected)
        }
        let secrets = [ClusterSecret([UInt8](repeating: 7, count: 32)), ClusterSecret([UInt8](repeating: 7, count: 32))]
        let policy = RatePolicy(name: "p", quota: 1, window: .seconds(1))
        let keys = secrets.map { RateKey(policy, "caller", RateSeed($0)) }
        #expect(keys[0] == keys[1] && keys[0] != RateKey(policy, "other", RateSeed(secrets[0])))
    }

    /// Nodes that tell each other every 50 ms, and at once of heavy use, as `Gossip` does, over a network that takes
    /// 2 ms.
    private struct Nodes {
        let limiters: [RateLimiter]
        var underWay: [(arrival: Int64, to: Int, uses: [RateUse])] = []
        var heavy: Set<Int> = []

        init(_ count: Int) { limiters = (0..<count).map { _ in RateLimiter(callersMax: 1_000, isShared: true) } }

        mutating func exchange(_ now: Int64, isDue: Bool) {
            for (from, limiter) in limiters.enumerated() where isDue || heavy.contains(from) {
                let uses = limiter.takeUses(countMax: 100)
                for to in limiters.indices where to != from && !uses.isEmpty {
                    underWay.append((now + 2 * SharedRateTests.millisecond, to, uses))
                }
            }
            heavy = []
            for message in underWay where message.arrival <= now { limiters[message.to].merge(message.uses, now: now) }
            underWay.removeAll { $0.arrival <= now }
        }
    }

    /// - Returns: how many requests passed in `seconds`, of a caller who sends `rate` a second to the nodes in turn.
    private func passed(nodes count: Int, _ policy: RatePolicy, rate: Int64, seconds: Int64) -> Int {
        var nodes = Nodes(count)
        let key = RateKey(policy, "a")
        var (passed, sent) = (0, Int64(0))
        for millisecond in 0..<seconds * 1_000 {
            let now = millisecond * Self.millisecond
            while sent * 1_000 < millisecond * rate {
                let node = Int(sent) % count
                if nodes.limiters[node].count(key, policy, now: now).isAllowed { passed += 1 }
                let shard = nodes.limiters[node].shard(of: key.rawValue)
                let unheard = shard.content.withLock { $0.used[key.rawValue] ?? 0 }
                if unheard >= policy.windowNanoseconds / RateLimiter.heavyShare { nodes.heavy.insert(node) }
                sent += 1
            }
            nodes.exchange(now, isDue: millisecond % 50 == 0)
        }
        return passed
    }

    @Test(
        "hold for the cluster within a fifth, however fast a caller is",
        arguments: [70, 100, 300, 1_000, 5_000], [3, 5])
    func cluster(rate: Int64, count: Int) {
        let policy = RatePolicy(name: "customer", quota: 600, window: .seconds(10))
        for seconds: Int64 in [2, 10, 30] {
            let one = passed(nodes: 1, policy, rate: rate, seconds: seconds)
            let all = passed(nodes: count, policy, rate: rate, seconds: seconds)
            #expect(Double(all) <= Double(one) * 1.2, "\(all) pass where \(one) pass one node, in \(seconds) s")
            #expect(Double(all) >= Double(one) * 0.8, "\(all) pass where \(one) pass one node, in \(seconds) s")
        }
    }

    @Test("few a minute are few a minute on all nodes together")
    func few() {
        let policy = RatePolicy(name: "credentials", quota: 30, window: .seconds(60))
        let all = passed(nodes: 3, policy, rate: 20, seconds: 60)
        #expect((48...72).contains(all), "\(all)")
    }

    @Test("what another node says moves no bucket further than two days")
    func nonsense() {
        let limiter = RateLimiter(callersMax: 100, isShared: true)
        let policy = RatePolicy(name: "p", quota: 1, window: .seconds(1))
        let key = RateKey(policy, "a")
        for _ in 0..<10 {
            limiter.merge([RateUse(key: key.rawValue, nanoseconds: .max), RateUse(key: 1, nanoseconds: .min)], now: 5)
        }
        let verdict = limiter.count(key, policy, now: 5)
        #expect(!verdict.isAllowed && verdict.reset == 172_800_000_000_000)
    }

    @Test("a node alone keeps no account of what it has let pass")
    func alone() {
        let limiter = RateLimiter(callersMax: 100)
        let policy = RatePolicy(name: "p", quota: 5, window: .seconds(1))
        #expect(limiter.count(RateKey(policy, "a"), policy, now: 0).isAllowed)
        #expect(limiter.takeUses(countMax: 10).isEmpty)
    }
}
