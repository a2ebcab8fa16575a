import Testing

@testable import Gateway

@Suite("Rate limits")
struct RateLimiterTests {
    let policy = RatePolicy(name: "test", quota: 5, window: .seconds(10))
    let second: Int64 = 1_000_000_000

    @Test("the quota passes at once, then one more per interval")
    func bucket() {
        let limiter = RateLimiter(callersMax: 100)
        let key = RateKey(policy, "a")
        for left in [4, 3, 2, 1, 0] { #expect(limiter.count(key, policy, now: 0).remaining == left) }
        let refused = limiter.count(key, policy, now: 0)
        #expect(
            refused == RateLimiter.Verdict(isAllowed: false, remaining: 0, retryAfter: 2 * second, reset: 10 * second))
        #expect(!limiter.count(key, policy, now: 2 * second - 1).isAllowed)
        #expect(limiter.count(key, policy, now: 2 * second).isAllowed)
        #expect(!limiter.count(key, policy, now: 2 * second).isAllowed)
        #expect(limiter.count(key, policy, now: 12 * second).remaining == 4)
    }

    @Test("over any time, no more than the quota and what came back pass, whatever the pattern")
    func neverMore() {
        var random = SeededRandom(seed: 7)
        let limiter = RateLimiter(callersMax: 100)
        let key = RateKey(policy, "a")
        var now: Int64 = 0
        var allowed: [Int64] = []
        for _ in 0..<5_000 {
            now += Int64.random(in: 0...second, using: &random)
            if limiter.count(key, policy, now: now).isAllowed { allowed.append(now) }
        }
        for (index, start) in allowed.enumerated() {
            let inWindow = allowed[index...].prefix { $0 - start < 10 * second }.count
            #expect(inWindow <= 10)
        }
        #expect(Int64(allowed.count) <= 5 + now / (2 * second))
        #expect(Int64(allowed.count) >= now / (2 * second) - 1)
    }

    @Test("callers and policies do not share a bucket")
    func separate() {
        let limiter = RateLimiter(callersMax: 100)
        for _ in 0..<5 { _ = limiter.count(RateKey(policy, "a"), policy, now: 0) }
        #expect(!limiter.count(RateKey(policy, "a"), policy, now: 0).isAllowed)
        #expect(limiter.count(RateKey(policy, "b"), policy, now: 0).isAllowed)
        let other = RatePolicy(name: "other", quota: 1, window: .seconds(1))
        #expect(limiter.count(RateKey(other, "a"), other, now: 0).isAllowed)
    }

    @Test("a hundred at once pass exactly the quota")
    func concurrent() async {
        let limiter = RateLimiter(callersMax: 100)
        let policy = RatePolicy(name: "test", quota: 50, window: .seconds(1_000))
        let allowed = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<100 {
                group.addTask { (0..<10).count { _ in limiter.count(RateKey(policy, "a"), policy, now: 5).isAllowed } }
            }
            return await group.reduce(0, +)
        }
        #expect(allowed == 50)
    }

    @Test("the table stays bounded, and a flood of strangers does not wash out who is at the limit")
    func bounded() {
        let limiter = RateLimiter(callersMax: 320)
        let heavy = RateKey(policy, "heavy")
        for _ in 0..<6 { _ = limiter.count(heavy, policy, now: 0) }
        for stranger in 0..<10_000 { _ = limiter.count(RateKey(policy, "\(stranger)"), policy, now: 1) }
        #expect(limiter.count <= 320)
        #expect(!limiter.count(heavy, policy, now: 1).isAllowed)
        for stranger in 0..<10_000 { _ = limiter.count(RateKey(policy, "\(-stranger - 1)"), policy, now: 100 * second) }
        #expect(limiter.count <= 320)
    }

    @Test("the refusal tells the policy, what is left and when to come back")
    func headers() {
        let limiter = RateLimiter(callersMax: 100)
        for _ in 0..<5 { _ = limiter.count(RateKey(policy, "a"), policy, now: 0) }
        let problem = limiter.count(RateKey(policy, "a"), policy, now: 1).problem(policy)
        #expect(problem.code == .rateLimited)
        #expect(problem.headers[.rateLimitPolicy] == #""test";q=5;w=10"#)
        #expect(problem.headers[.rateLimit] == #""test";r=0;t=10"#)
        #expect(problem.headers[.retryAfter] == "2")
    }

    @Test("admission refuses past the maximum until one leaves")
    func admission() throws {
        let admission = AdmissionControl(max: 2)
        try admission.enter()
        try admission.enter()
        #expect { try admission.enter() } throws: {
            ($0 as? Problem)?.code == .overloaded && ($0 as? Problem)?.headers[.retryAfter] == "1"
        }
        #expect(admission.count == 2)
        admission.leave()
        try admission.enter()
        admission.leave()
        admission.leave()
        #expect(admission.count == 0)
    }
}

extension RateKey {
    init(_ policy: RatePolicy, _ caller: some RateCaller) {
        self.init(policy, caller, RateSeed(low: 0x0706_0504_0302_0100, high: 0x0f0e_0d0c_0b0a_0908))
    }
}
