import Commerce
import JournalTesting
import Synchronization
import Testing

@testable import Checkout
@testable import payment_simulator

@Suite("Guarded payment provider")
struct GuardedPaymentProviderTests {
    private let charged = ChargeOutcome.succeeded(ChargeID("ch_1")!)

    @Test("a lost answer is asked for again, after a pause")
    func retries() async throws {
        let (base, clock) = (ScriptedProvider([.failure(.unknown(.connectionLost)), .success(charged)]), ManualClock())
        let provider = GuardedPaymentProvider(base, clock: clock, generator: SeededGenerator(seed: 1))
        #expect(try await provider.charge(.sample()) == charged)
        #expect(base.calls == 2)
        #expect(clock.pauses.count == 1)
        #expect(clock.pauses.allSatisfy { $0 <= PaymentPolicy().retries.pauseFirst })
        #expect(provider.health.retries == 1)
        #expect(provider.health.unknown == 1)
        #expect(provider.health.inFlight == 0)
    }

    @Test("a call is retried so many times and no more")
    func retriesEnd() async throws {
        let base = ScriptedProvider(repeating: .failure(.unreachable))
        let provider = GuardedPaymentProvider(base, clock: ManualClock())
        await #expect(throws: PaymentFailure.unreachable) { try await provider.charge(.sample()) }
        #expect(base.calls == 1 + RetryPolicy().perCallMax)
    }

    @Test(
        "what a retry cannot mend is not retried",
        arguments: [PaymentFailure.rejected(status: 422, code: "no"), .voided, .unknown(.cancelled)])
    func notRetried(_ failure: PaymentFailure) async throws {
        let base = ScriptedProvider(repeating: .failure(failure))
        let provider = GuardedPaymentProvider(base, clock: ManualClock())
        await #expect(throws: failure) { try await provider.charge(.sample()) }
        #expect(base.calls == 1)
    }

    @Test(
        "once unknown, only an answer is certain",
        arguments: [
            (PaymentFailure.unreachable, PaymentFailure.unknown(.timedOut)),
            (.rejected(status: 401, code: "no"), .unknown(.timedOut)),
            (.voided, .voided),
        ])
    func staysUnknown(then: PaymentFailure, told: PaymentFailure) async throws {
        let base = ScriptedProvider([.failure(.unknown(.timedOut)), .failure(then), .failure(then)])
        let provider = GuardedPaymentProvider(base, clock: ManualClock())
        await #expect(throws: told) { try await provider.charge(.sample()) }
    }

    @Test("a breaker that opens between the attempts leaves the call unknown")
    func staysUnknownAcrossBreaker() async throws {
        var policy = PaymentPolicy()
        policy.breaker.callsMin = 1
        let provider = GuardedPaymentProvider(
            ScriptedProvider(repeating: .failure(.unknown(.timedOut))), policy: policy, clock: ManualClock())
        await #expect(throws: PaymentFailure.unknown(.timedOut)) { try await provider.charge(.sample()) }
        #expect(provider.health.refusedByBreaker == 1)
    }

    @Test("no attempt begins that could end after the time limit")
    func timeLimit() async throws {
        let clock = ManualClock()
        let base = ScriptedProvider(repeating: .failure(.unknown(.timedOut))) { clock.advance(by: .seconds(4)) }
        let policy = PaymentPolicy()
        let provider = GuardedPaymentProvider(base, policy: policy, clock: clock)
        await #expect(throws: PaymentFailure.unknown(.timedOut)) { try await provider.charge(.sample()) }
        #expect(base.calls == 2)
        #expect(clock.elapsed <= policy.timeLimit)
    }

    @Test("an open breaker lets nothing through, half open it lets probes through, and then it closes")
    func breaker() async throws {
        let clock = ManualClock()
        let base = ScriptedProvider(repeating: .failure(.unreachable))
        var policy = PaymentPolicy()
        policy.retries.perCallMax = 0
        let provider = GuardedPaymentProvider(base, policy: policy, clock: clock)
        for _ in 0..<policy.breaker.callsMin {
            await #expect(throws: PaymentFailure.unreachable) { try await provider.charge(.sample()) }
        }
        #expect(provider.health.breaker == .open)
        #expect(provider.health.breakerOpened == 1)

        clock.advance(by: .seconds(1))
        await #expect(throws: PaymentFailure.breakerOpen(retryAfter: .seconds(4))) {
            try await provider.charge(.sample())
        }
        await #expect(throws: PaymentFailure.breakerOpen(retryAfter: .seconds(4))) {
            try await provider.lookUp(ChargeRequest.sample().order)
        }
        #expect(base.calls == policy.breaker.callsMin)
        #expect(provider.health.refusedByBreaker == 2)

        clock.advance(by: .seconds(4))
        base.answer(.success(charged))
        for _ in 0..<policy.breaker.probesMax {
            #expect(try await provider.charge(.sample()) == charged)
        }
        #expect(provider.health.breaker == .closed)
        #expect(provider.health.failures == UInt64(policy.breaker.callsMin))
    }

    @Test("declined and rejected charges leave the breaker closed")
    func healthyRefusals() async throws {
        for answer in [
            ScriptedProvider.Answer.success(.declined(code: "no")), .failure(.rejected(status: 400, code: "no")),
        ] {
            let provider = GuardedPaymentProvider(ScriptedProvider(repeating: answer), clock: ManualClock())
            for _ in 0..<100 { _ = try? await provider.charge(.sample()) }
            #expect(provider.health.breaker == .closed && provider.health.failures == 0)
            if case .failure = answer {
                #expect(provider.health.rejected == 100)
            } else {
                #expect(provider.health.rejected == 0)
            }
        }
    }

    @Test("a failing provider bears a tenth more calls, and no more")
    func retryBudget() async throws {
        var policy = PaymentPolicy()
        policy.breaker.failurePercent = 101
        let base = ScriptedProvider(repeating: .failure(.unreachable))
        let provider = GuardedPaymentProvider(base, policy: policy, clock: ManualClock())
        for _ in 0..<1_000 { _ = try? await provider.charge(.sample()) }
        #expect(base.calls <= 1_000 + 100 + policy.retries.burst)
        #expect(base.calls >= 1_000 + 100)
        #expect(provider.health.retriesRefused > 0)
        #expect(provider.health.attempts == UInt64(base.calls))
    }

    @Test("more calls than may wait are refused at once")
    func overload() async throws {
        var policy = PaymentPolicy.patient
        policy.callsInFlightMax = 1
        try await withProvider(.http) { [policy] bench async throws in
            let provider = GuardedPaymentProvider(bench.provider, policy: policy)
            let switches = try #require(bench.simulator?.switches)
            switches.faults.triggers[.hangAfter] = .next(1)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { _ = try? await provider.charge(.sample()) }
                try await until { switches.faults.triggers.isEmpty }
                #expect(provider.health.inFlight == 1)
                await #expect(throws: PaymentFailure.overloaded) { try await provider.charge(.sample(2)) }
                group.cancelAll()
            }
            #expect(provider.health.inFlight == 0)
            _ = try await provider.charge(.sample(3))
        }
    }

    @Test(
        "under random faults an order is charged at most once, and what is told is true",
        arguments: ProviderKind.allCases)
    func neverTwice(_ kind: ProviderKind) async throws {
        var policy = PaymentPolicy.patient
        policy.retries.pauseMax = .zero
        policy.breaker.failurePercent = 101
        try await withProvider(kind, policy: policy) { [policy] bench async throws in
            let provider = GuardedPaymentProvider(bench.provider, policy: policy)
            var random = SeededGenerator(seed: 7)
            for number in 1...200 as ClosedRange<UInt64> {
                let fault: InProcessPaymentProvider.Fault? = [.unknownBefore, .unknownAfter, .decline, nil]
                    .randomElement(using: &random)!
                if let fault { bench.arrange(fault, Int.random(in: 1...4, using: &random)) }
                let request = ChargeRequest.sample(number)
                let told = try? await provider.charge(request)
                let stands = try await settled(bench.provider, request.order)
                switch told {
                case .succeeded(let charge): #expect(stands == .succeeded(charge))
                case .declined(let code): #expect(stands == .declined(code: code))
                case nil: break
                }
            }
            #expect(bench.simulator?.keeper.summary.ordersChargedMoreThanOnce ?? 0 == 0)
        }
    }

    /// The answer, once the faults arranged have been used up.
    private func settled(_ provider: any PaymentProvider, _ order: OrderID) async throws -> ChargeLookup {
        while true {
            do {
                return try await provider.lookUp(order)
            } catch {
                if !error.mayHaveExecuted { throw error }
            }
        }
    }
}

@Suite("Retry policy")
struct RetryPolicyTests {
    @Test("pauses double up to the longest, with all of the range used")
    func pauses() {
        var random = SeededGenerator(seed: 3)
        let policy = RetryPolicy()
        for (retry, longest) in [(0, 100), (1, 200), (2, 400), (3, 800), (4, 1_000), (40, 1_000)] {
            let pauses = (0..<1_000).map { _ in policy.pause(before: retry, using: &random) }
            let limit = Duration.milliseconds(longest)
            #expect(pauses.allSatisfy { $0 >= .zero && $0 <= limit })
            #expect(pauses.max()! > limit * 0.9)
            #expect(pauses.min()! < limit * 0.1)
        }
    }

    @Test("the budget starts full, is emptied by retries and filled by calls")
    func budget() {
        var policy = RetryPolicy()
        policy.burst = 2
        policy.percentOfCalls = 50
        var budget = RetryBudget(policy)
        #expect(budget.takeRetries(3) == 2)
        budget.call()
        #expect(budget.takeRetries(1) == 0)
        budget.call()
        #expect(budget.takeRetries(3) == 1)
        for _ in 0..<100 { budget.call() }
        #expect(budget.takeRetries(3) == 2)
    }
}

extension RetryBudget {
    /// How many of `count` retries it allows.
    fileprivate mutating func takeRetries(_ count: Int) -> Int {
        (0..<count).reduce(0) { taken, _ in taken + (takeRetry() ? 1 : 0) }
    }
}

@Suite("In-process payment provider")
struct InProcessPaymentProviderTests {
    @Test("remembers the latest orders only, and refunds those it has forgotten")
    func forgets() async throws {
        let provider = InProcessPaymentProvider(ordersMax: 3)
        let requests = (1...5 as ClosedRange<UInt64>).map { ChargeRequest.sample($0) }
        var charges: [ChargeID] = []
        for request in requests { charges.append(try #require(try await provider.charge(request).charge)) }
        #expect(provider.ordersRemembered == 3)
        #expect(try await provider.lookUp(requests[1].order) == .absent)
        #expect(try await provider.lookUp(requests[2].order) == .succeeded(charges[2]))
        let refund = RefundRequest(order: requests[0].order, charge: charges[0], amount: requests[0].amount)
        #expect(try await provider.refund(refund) == provider.refund(refund))
    }

    @Test("without test methods, those that fail by name pay as every other does")
    func noMagic() async throws {
        let provider = InProcessPaymentProvider()
        for (number, method) in ["pm_decline", "pm_hang", "pm_error"].enumerated() {
            #expect(try await provider.charge(.sample(UInt64(number), method: method)).charge != nil)
        }
    }

    @Test("arranged faults strike the next calls, in order")
    func faults() async throws {
        let provider = InProcessPaymentProvider()
        provider.arrange(.unreachable)
        provider.arrange(.decline)
        await #expect(throws: PaymentFailure.unreachable) { try await provider.charge(.sample()) }
        #expect(try await provider.charge(.sample()) == .declined(code: "card_declined"))
    }
}

/// A provider that answers as it was told, one answer per call; the last stands for all further calls.
final class ScriptedProvider: PaymentProvider {
    typealias Answer = Result<ChargeOutcome, PaymentFailure>

    private let state: Mutex<(answers: [Answer], calls: Int)>
    private let onCall: @Sendable () -> Void

    init(_ answers: [Answer], onCall: @escaping @Sendable () -> Void = {}) {
        state = Mutex((answers, 0))
        self.onCall = onCall
    }

    convenience init(repeating answer: Answer, onCall: @escaping @Sendable () -> Void = {}) {
        self.init([answer], onCall: onCall)
    }

    var calls: Int { state.withLock(\.calls) }

    /// From now on.
    func answer(_ answer: Answer) { state.withLock { $0.answers = [answer] } }

    func charge(_ request: ChargeRequest) async throws(PaymentFailure) -> ChargeOutcome {
        onCall()
        return try state.withLock { state in
            state.calls += 1
            return state.answers.count > 1 ? state.answers.removeFirst() : state.answers[0]
        }.get()
    }

    func lookUp(_ order: OrderID) async throws(PaymentFailure) -> ChargeLookup { .absent }
    func void(_ order: OrderID) async throws(PaymentFailure) {}
    func refund(_ request: RefundRequest) async throws(PaymentFailure) -> RefundID { RefundID("re_1")! }
}
