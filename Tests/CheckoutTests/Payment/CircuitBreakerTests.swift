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
