import Commerce
import EventSourcing
import Logging
import ServiceLifecycle
import Testing

@testable import Checkout
@testable import payment_simulator

/// Which implementation a test of the contract runs against.
enum ProviderKind: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case inProcess
    /// The HTTP client, against a real simulator on a port of its own.
    case http

    var testDescription: String { rawValue }
}

/// A provider, and the switches that make its next calls go wrong.
struct ProviderBench: Sendable {
    let provider: any PaymentProvider
    /// The same one, but with patience.
    let patient: any PaymentProvider
    let arrange: @Sendable (InProcessPaymentProvider.Fault, Int) -> Void
    /// The simulator behind the HTTP client.
    let simulator: PaymentSimulator?
}

/// Runs `body` against a fresh provider of `kind`.
func withProvider(
    _ kind: ProviderKind, policy: PaymentPolicy = .patient, _ body: @Sendable (ProviderBench) async throws -> Void
) async throws {
    switch kind {
    case .inProcess:
        let provider = InProcessPaymentProvider(methods: .withTestMethods)
        try await body(
            ProviderBench(
                provider: provider, patient: provider, arrange: { provider.arrange($0, next: $1) }, simulator: nil))
    case .http:
        try await withSimulator { simulator, url in
            let provider = try HTTPPaymentProvider(url: url, policy: policy)
            let patient = try HTTPPaymentProvider(url: url, policy: .patient)
            let bench = ProviderBench(
                provider: provider, patient: patient,
                arrange: { fault, count in simulator.switches.faults.triggers[fault.switched] = .next(count) },
                simulator: simulator)
            let outcome = await Result.catching { try await body(bench) }
            try await provider.shutdown()
            try await patient.shutdown()
            try outcome.get()
        }
    }
}

/// Runs `body` against a payment simulator on a free port.
func withSimulator(_ body: @Sendable (PaymentSimulator, String) async throws -> Void) async throws {
    let (ports, bound) = AsyncStream<Int>.makeStream()
    let simulator = try PaymentSimulator(address: ("127.0.0.1", 0)) { _, port in bound.yield(port) }
    let service = ServiceGroup(services: [simulator], logger: Logger(label: "test"))
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
            defer { bound.finish() }
            try await service.run()
        }
        var ports = ports.makeAsyncIterator()
        let port = try #require(await ports.next())
        let outcome = await Result.catching { try await body(simulator, "http://127.0.0.1:\(port)") }
        await service.triggerGracefulShutdown()
        try await group.waitForAll()
        try outcome.get()
    }
}

extension InProcessPaymentProvider.Fault {
    /// The simulator's switch to the same effect.
    fileprivate var switched: Fault {
        switch self {
        case .decline: .decline
        case .unknownBefore: .closeBefore
        case .unknownAfter: .closeAfter
        case .unreachable: preconditionFailure("no switch of the simulator refuses a single connection")
        }
    }
}

extension PaymentPolicy {
    /// Limits that a busy machine does not reach.
    static var patient: Self {
        var policy = Self()
        policy.connectTimeLimit = .seconds(60)
        policy.attemptTimeLimit = .seconds(60)
        policy.timeLimit = .seconds(200)
        return policy
    }
}

/// Repeatable random numbers. Source: Vigna, SplitMix64.
struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}

extension ChargeRequest {
    /// A charge of 12.99 for an order of its own.
    static func sample(
        _ number: UInt64 = 1, amount: Int64 = 1_299, method: String? = nil, customer: UInt64 = 1
    ) -> Self {
        let order = OrderID(at: Timestamp(milliseconds: 1_700_000_000_000), slot: Slot(7), random: number << 8)
        let customer = CustomerID(at: .zero, slot: Slot(7), random: customer << 8)
        return ChargeRequest(
            order: order, customer: customer, amount: Money(amount: amount, currency: .gbp), method: method)
    }
}

extension ChargeOutcome {
    var charge: ChargeID? {
        if case .succeeded(let charge) = self { charge } else { nil }
    }
}

extension Result where Success == Void, Failure == any Error {
    fileprivate static func catching(_ body: () async throws -> Void) async -> Self {
        do { return .success(try await body()) } catch { return .failure(error) }
    }
}
