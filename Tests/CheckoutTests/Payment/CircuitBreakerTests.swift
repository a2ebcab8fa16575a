import EventSourcing
import Testing

@testable import Checkout

/// Each script is a column of what happens and a column of what the breaker does then.
@Suite("Circuit breaker")
struct CircuitBreakerTests {
    @Test(
        "follows its scripts",
        arguments: [
            (
                "opens at the failure rate, and says how long it stays so",
                """
                0s ok ok            -> closed
                1s fail             -> closed
                2s fail             -> open
                3s ask              -> reject 4s, open
                6s ok ok            -> reject 1s, reject 1s, open
                """
            ),
            (
                "stays closed while too few calls say anything",
                """
                0s fail fail fail   -> closed
                1s fail             -> open
                """
            ),
            (
                "stays closed below the rate",
                """
                0s ok ok ok         -> closed
                1s fail fail        -> closed
                2s ok fail          -> closed
                3s fail             -> open
                """
            ),
            (
                "a success can make up the number that opens it",
                """
                0s fail fail fail   -> closed
                9s ok               -> open
                """
            ),
            (
                "forgets failures after the window",
                """
                0s fail fail fail   -> closed
                10s ok ok ok        -> closed
                11s fail ok         -> closed
                """
            ),
            (
                "half open, lets a few probes through and closes when all succeed",
                """
                0s fail fail fail fail -> open
                5s ask A            -> call A, half_open
                5s ask B            -> call B, half_open
                5s ask C            -> reject 1s, half_open
                6s A ok             -> half_open
                6s ask C            -> reject 1s, half_open
                7s B ok             -> closed
                7s fail fail fail   -> closed
                7s fail             -> open
                """
            ),
            (
                "half open, opens again at the first failure",
                """
                0s fail fail fail fail -> open
                5s ask A            -> call A, half_open
                5s ask B            -> call B, half_open
                6s A fail           -> open
                7s B ok             -> open
                10s ask C           -> reject 1s, open
                11s ask C           -> call C, half_open
                """
            ),
            (
                "an abandoned probe makes room for another",
                """
                0s fail fail fail fail -> open
                5s ask A            -> call A, half_open
                5s ask B            -> call B, half_open
                9s A abandon        -> half_open
                9s ask C            -> call C, half_open
                9s B ok             -> half_open
                9s C ok             -> closed
                """
            ),
            (
                "late answers of an earlier state say nothing",
                """
                0s ask A            -> call A, closed
                0s ask B            -> call B, closed
                1s fail fail fail fail -> open
                2s A ok             -> open
                6s ask C            -> call C, half_open
                6s B fail           -> half_open
                7s C ok             -> half_open
                7s ok               -> closed
                """
            ),
            (
                "abandoned calls are not counted",
                """
                0s abandon abandon abandon abandon -> closed
                1s fail fail fail   -> closed
                """
            ),
        ])
    func script(name: String, script: String) throws {
        var settings = CircuitBreaker.Settings()
        settings.window = .seconds(10)
        settings.callsMin = 4
        settings.failurePercent = 50
        settings.openDuration = .seconds(5)
        settings.probesMax = 2
        var stage = BreakerStage(CircuitBreaker(settings))
        let played = try script.split(separator: "\n").map { try stage.play(String($0)) }.joined(separator: "\n")
        #expect(played == script)
    }

    @Test("agrees with a model that keeps every call", arguments: 0..<200)
    func agreesWithModel(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        var settings = CircuitBreaker.Settings()
        settings.window = .seconds(10)
        settings.callsMin = Int.random(in: 1...6, using: &random)
        settings.failurePercent = Int.random(in: 1...100, using: &random)
        settings.probesMax = Int.random(in: 1...4, using: &random)
        var breaker = CircuitBreaker(settings)
        var model = BreakerModel(settings: settings)
        var out: [(permit: CircuitBreaker.Permit, era: Int)] = []
        var now = Duration.zero

        for _ in 0..<500 {
            now += .milliseconds(Int.random(in: 0...1_500, using: &random))
            if out.isEmpty || Bool.random(using: &random) {
                let expected = model.admit(at: now)
                switch breaker.admit(at: now) {
                case .call(let permit):
                    try #require(expected == nil, "seed \(seed)")
                    out.append((permit, model.era))
                case .reject(let retryAfter): try #require(expected == retryAfter, "seed \(seed)")
                }
            } else {
                let (permit, era) = out.remove(at: Int.random(in: out.indices, using: &random))
                let verdict = [CircuitBreaker.Verdict.success, .failure, .abandoned].randomElement(using: &random)!
                breaker.record(verdict, for: permit, at: now)
                model.record(verdict, era: era, at: now)
            }
            try #require(breaker.state == model.state, "seed \(seed)")
        }

        // Whatever happened: once the provider is well and every call is told, it closes.
        for (permit, _) in out { breaker.record(.abandoned, for: permit, at: now) }
        for _ in 0...settings.probesMax {
            now += settings.openDuration
            if case .call(let permit) = breaker.admit(at: now) { breaker.record(.success, for: permit, at: now) }
        }
        #expect(breaker.state == .closed, "seed \(seed)")
    }
}

/// Failures that are due to a customer or to a method say nothing about the provider.
@Suite("Circuit breaker and its callers")
struct BreakerCallerTests {
    private func caller(_ slot: Int, _ method: String? = nil) -> Caller {
        Caller(slot: Slot(UInt16(slot)), method: method)
    }

    /// One call at `now`; false when the breaker lets none through.
    private func call(
        _ breaker: inout CircuitBreaker, _ verdict: CircuitBreaker.Verdict, _ caller: Caller?, at now: Duration = .zero
    ) -> Bool {
        guard case .call(let permit) = breaker.admit(at: now) else { return false }
        breaker.record(verdict, for: permit, by: caller, at: now)
        return true
    }

    @Test("however often one customer's calls fail, with whatever methods, it stays closed for all")
    func oneCustomer() {
        var breaker = CircuitBreaker()
        for number in 0..<1_000 {
            let now = Duration.milliseconds(number * 100)
            #expect(call(&breaker, .failure, caller(1, number % 2 == 0 ? nil : "pm_\(number)"), at: now))
            if number % 50 == 0 { #expect(call(&breaker, .success, caller(2), at: now)) }
        }
        #expect(breaker.state == .closed)
    }

    @Test("one method that fails for many customers leaves it closed")
    func oneMethod() {
        var breaker = CircuitBreaker()
        for customer in 0..<1_000 {
            let now = Duration.milliseconds(customer * 100)
            #expect(call(&breaker, .failure, caller(customer, "pm_bad"), at: now))
            if customer % 20 == 0 { #expect(call(&breaker, .success, caller(4_000, "pm_good"), at: now)) }
        }
        #expect(breaker.state == .closed)
    }

    @Test(
        "an outage for everybody opens it, with a busy half minute of successes just before",
        arguments: [nil, "pm_visa"])
    func outage(method: String?) {
        var breaker = CircuitBreaker()
        for number in 0..<10_000 {
            #expect(call(&breaker, .success, caller(number % 100, method), at: .milliseconds(number)))
        }
        var failed = 0
        while breaker.state == .closed, failed < 1_000 {
            #expect(call(&breaker, .failure, caller(failed % 100, method), at: .milliseconds(10_000 + failed)))
            failed += 1
        }
        #expect(failed == 50)
    }

    @Test("refused connections open it, whoever calls")
    func refusedConnections() {
        var breaker = CircuitBreaker()
        for _ in 0..<100 { _ = call(&breaker, .success, caller(1)) }
        var failed = 0
        while breaker.state == .closed, failed < 1_000 {
            _ = call(&breaker, .failure, nil)
            failed += 1
        }
        #expect(failed == 9)
    }

    @Test("half open, one customer's failures do not open it again, and two customers' do")
    func halfOpen() {
        var breaker = CircuitBreaker()
        for number in 0..<10 { _ = call(&breaker, .failure, caller(number)) }
        #expect(breaker.state == .open)
        for _ in 0..<10 {
            #expect(call(&breaker, .failure, caller(1, "pm_bad"), at: .seconds(5)))
            #expect(call(&breaker, .failure, caller(2, "pm_bad"), at: .seconds(5)))
        }
        #expect(breaker.state == .halfOpen)
        #expect(call(&breaker, .failure, caller(3), at: .seconds(5)))
        #expect(breaker.state == .open)
        for number in 0..<3 { #expect(call(&breaker, .success, caller(number), at: .seconds(10))) }
        #expect(breaker.state == .closed)
    }

    @Test("what a customer's calls came to is forgotten after the window")
    func forgetting() {
        var window = CallWindow(length: .seconds(10))
        for customer in 0..<5 { window.count(failed: true, by: caller(customer), at: .seconds(customer)) }
        window.count(failed: false, by: caller(0), at: .seconds(6))
        #expect(window.calls == 5 && window.failures == 4)
        window.count(failed: false, by: nil, at: .seconds(12))
        // Customers 3 and 4, customer 0 since its success, and the call of none.
        #expect(window.calls == 4 && window.failures == 2)
        window.count(failed: false, by: nil, at: .seconds(60))
        #expect(window.calls == 1 && window.failures == 0)
    }
}

/// Plays a script's lines to a breaker and writes down what it does.
private struct BreakerStage {
    struct Mistake: Error { let line: String }

    private var breaker: CircuitBreaker
    private var permits: [Substring: CircuitBreaker.Permit] = [:]

    init(_ breaker: CircuitBreaker) { self.breaker = breaker }

    /// The line as it would have to read.
    mutating func play(_ line: String) throws -> String {
        guard let arrow = line.range(of: "-> ") else { throw Mistake(line: line) }
        var words = line[..<arrow.lowerBound].split(separator: " ")[...]
        guard let seconds = words.popFirst()?.dropLast(), let time = Int(seconds) else { throw Mistake(line: line) }
        let now = Duration.seconds(time)
        var effects: [String] = []

        while let word = words.popFirst() {
            if let verdict = Self.verdicts[word] {
                call(verdict, at: now, &effects)
            } else if word == "ask" {
                ask(words.popFirst(), at: now, &effects)
            } else if let permit = permits.removeValue(forKey: word),
                let verdict = words.popFirst().flatMap({ Self.verdicts[$0] })
            {
                breaker.record(verdict, for: permit, at: now)
            } else {
                throw Mistake(line: line)
            }
        }
        return line[..<arrow.upperBound] + (effects + [breaker.state.rawValue]).joined(separator: ", ")
    }

    private static let verdicts: [Substring: CircuitBreaker.Verdict] = [
        "ok": .success, "fail": .failure, "abandon": .abandoned,
    ]

    /// A call that ends at once.
    private mutating func call(_ verdict: CircuitBreaker.Verdict, at now: Duration, _ effects: inout [String]) {
        switch breaker.admit(at: now) {
        case .call(let permit): breaker.record(verdict, for: permit, at: now)
        case .reject(let retryAfter): effects.append("reject \(retryAfter.components.seconds)s")
        }
    }

    /// A call that stays under way, by this name.
    private mutating func ask(_ name: Substring?, at now: Duration, _ effects: inout [String]) {
        switch breaker.admit(at: now) {
        case .call(let permit):
            permits[name ?? ""] = permit
            effects.append("call \(name ?? "")")
        case .reject(let retryAfter): effects.append("reject \(retryAfter.components.seconds)s")
        }
    }
}

/// A breaker that is plain and slow: it keeps every call there was.
private struct BreakerModel {
    let settings: CircuitBreaker.Settings
    var state = CircuitBreaker.State.closed
    /// Which stretch of one state this is.
    var era = 0
    private var calls: [(tenth: Int, failed: Bool)] = []
    private var openedAt = Duration.zero
    private var inFlight = 0
    private var succeeded = 0

    init(settings: CircuitBreaker.Settings) { self.settings = settings }

    /// nil when the call may be made, otherwise how long to wait.
    mutating func admit(at now: Duration) -> Duration? {
        switch state {
        case .closed: return nil
        case .open:
            let wait = openedAt + settings.openDuration - now
            guard wait <= .zero else { return wait }
            enter(.halfOpen)
            inFlight = 1
            succeeded = 0
            return nil
        case .halfOpen:
            guard inFlight + succeeded < settings.probesMax else { return CircuitBreaker.probeWait }
            inFlight += 1
            return nil
        }
    }

    mutating func record(_ verdict: CircuitBreaker.Verdict, era: Int, at now: Duration) {
        guard era == self.era else { return }
        if state == .halfOpen {
            inFlight -= 1
            if verdict == .failure { return open(at: now) }
            if verdict == .success { succeeded += 1 }
            if succeeded == settings.probesMax { enter(.closed) }
        } else if verdict != .abandoned {
            let tenth = Int(now / (settings.window / 10))
            calls.append((tenth, verdict == .failure))
            let recent = calls.filter { $0.tenth > tenth - 10 }
            let failures = recent.count { $0.failed }
            if recent.count >= settings.callsMin, failures * 100 >= settings.failurePercent * recent.count {
                open(at: now)
            }
        }
    }

    private mutating func open(at now: Duration) {
        openedAt = now
        enter(.open)
    }

    private mutating func enter(_ next: CircuitBreaker.State) {
        state = next
        era += 1
        calls = []
    }
}
