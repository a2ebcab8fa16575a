import Commerce
import Testing

@testable import Checkout
@testable import payment_simulator

/// What Checkout relies on, whoever the provider is.
@Suite("Payment provider contract")
struct PaymentContractTests {
    @Test("a charge succeeds and can be looked up", arguments: ProviderKind.allCases)
    func charges(_ kind: ProviderKind) async throws {
        try await withProvider(kind) { bench async throws in
            let request = ChargeRequest.sample()
            let charge = try #require(try await bench.provider.charge(request).charge)
            #expect(try await bench.provider.lookUp(request.order) == .succeeded(charge))
        }
    }

    @Test("orders have charges of their own", arguments: ProviderKind.allCases)
    func distinctCharges(_ kind: ProviderKind) async throws {
        try await withProvider(kind) { bench async throws in
            let first = try await bench.provider.charge(.sample(1)).charge
            let second = try await bench.provider.charge(.sample(2)).charge
            #expect(first != nil && second != nil && first != second)
        }
    }

    @Test("a hundred charges of one order at once make one charge", arguments: ProviderKind.allCases)
    func chargesOnce(_ kind: ProviderKind) async throws {
        try await withProvider(kind) { bench async throws in
            let outcomes = try await withThrowingTaskGroup(of: ChargeOutcome.self) { group in
                for _ in 0..<100 { group.addTask { try await bench.provider.charge(.sample()) } }
                return try await group.reduce(into: Set<ChargeOutcome>()) { $0.insert($1) }
            }
            #expect(outcomes.count == 1)
            #expect(outcomes.first?.charge != nil)
            if let simulator = bench.simulator {
                #expect(simulator.keeper.summary.charges == 1)
                #expect(simulator.keeper.snapshot.charges.map(\.attempts) == [100])
            }
        }
    }

    @Test("another request under the same order is rejected", arguments: ProviderKind.allCases)
    func rejectsReuse(_ kind: ProviderKind) async throws {
        try await withProvider(kind) { bench async throws in
            _ = try await bench.provider.charge(.sample())
            for other in [ChargeRequest.sample(amount: 1), .sample(method: "pm_other")] {
                await #expect(throws: PaymentFailure.rejected(status: 422, code: "idempotency_key_reused")) {
                    try await bench.provider.charge(other)
                }
            }
        }
    }

    @Test("a declined charge stays declined", arguments: ProviderKind.allCases)
    func declines(_ kind: ProviderKind) async throws {
        try await withProvider(kind) { bench async throws in
            bench.arrange(.decline, 1)
            let request = ChargeRequest.sample()
            let declined = ChargeOutcome.declined(code: "card_declined")
            #expect(try await bench.provider.charge(request) == declined)
            #expect(try await bench.provider.charge(request) == declined)
            #expect(try await bench.provider.lookUp(request.order) == .declined(code: "card_declined"))
            #expect(try await bench.provider.charge(.sample(2, method: "pm_decline")) == declined)
        }
    }

    @Test("an order never charged is absent", arguments: ProviderKind.allCases)
    func absent(_ kind: ProviderKind) async throws {
        try await withProvider(kind) { bench async throws in
            #expect(try await bench.provider.lookUp(ChargeRequest.sample().order) == .absent)
        }
    }

    @Test(
        "a charge lost before it was made is unknown, then absent, then made by a retry",
        arguments: ProviderKind.allCases)
    func lostBefore(_ kind: ProviderKind) async throws {
        try await withProvider(kind) { bench async throws in
            let request = ChargeRequest.sample()
            bench.arrange(.unknownBefore, 1)
            await expectUnknown { try await bench.provider.charge(request) }
            #expect(try await bench.provider.lookUp(request.order) == .absent)
            #expect(try await bench.provider.charge(request).charge != nil)
        }
    }

    @Test("a charge whose answer was lost is unknown, and a retry finds it", arguments: ProviderKind.allCases)
    func lostAfter(_ kind: ProviderKind) async throws {
        try await withProvider(kind) { bench async throws in
            let request = ChargeRequest.sample()
            bench.arrange(.unknownAfter, 1)
            await expectUnknown { try await bench.provider.charge(request) }
            guard case .succeeded(let found) = try await bench.provider.lookUp(request.order) else {
                Issue.record("the charge was made")
                return
            }
            #expect(try await bench.provider.charge(request) == .succeeded(found))
        }
    }

    @Test("a key voided before its charge refuses the late charge", arguments: ProviderKind.allCases)
    func fences(_ kind: ProviderKind) async throws {
        try await withProvider(kind) { bench async throws in
            let request = ChargeRequest.sample()
            try await bench.provider.void(request.order)
            try await bench.provider.void(request.order)
            await #expect(throws: PaymentFailure.voided) { try await bench.provider.charge(request) }
            #expect(try await bench.provider.lookUp(request.order) == .voided)
            #expect(bench.simulator?.keeper.summary.charges ?? 0 == 0)
        }
    }

    @Test("voiding a charge pays it back and closes its key", arguments: ProviderKind.allCases)
    func voids(_ kind: ProviderKind) async throws {
        try await withProvider(kind) { bench async throws in
            let request = ChargeRequest.sample()
            let charge = try #require(try await bench.provider.charge(request).charge)
            try await bench.provider.void(request.order)
            try await bench.provider.void(request.order)
            #expect(try await bench.provider.lookUp(request.order) == .voided)
            await #expect(throws: PaymentFailure.voided) { try await bench.provider.charge(request) }
            await #expect(throws: PaymentFailure.voided) {
                try await bench.provider.refund(
                    RefundRequest(order: request.order, charge: charge, amount: request.amount))
            }
            if let summary = bench.simulator?.keeper.summary {
                #expect(summary.amountRefunded == request.amount.amount)
                #expect(summary.refunded == 1)
            }
        }
    }

    @Test("a void whose answer was lost holds", arguments: ProviderKind.allCases)
    func voidsAfterLoss(_ kind: ProviderKind) async throws {
        try await withProvider(kind) { bench async throws in
            let request = ChargeRequest.sample()
            bench.arrange(.unknownAfter, 1)
            await expectUnknown { try await bench.provider.void(request.order) }
            await #expect(throws: PaymentFailure.voided) { try await bench.provider.charge(request) }
        }
    }

    @Test("a charge that races its void ends with nothing standing", arguments: ProviderKind.allCases)
    func voidRacesCharge(_ kind: ProviderKind) async throws {
        try await withProvider(kind) { bench async throws in
            for number in 1...20 as ClosedRange<UInt64> {
                let request = ChargeRequest.sample(number)
                async let charged: ChargeOutcome? = try? bench.provider.charge(request)
                async let voided: Void = bench.provider.void(request.order)
                _ = await charged
                try await voided
                #expect(try await bench.provider.lookUp(request.order) == .voided)
            }
            if let summary = bench.simulator?.keeper.summary { #expect(summary.amount == summary.amountRefunded) }
        }
    }

    @Test("voiding a declined charge leaves it declined", arguments: ProviderKind.allCases)
    func voidsDeclined(_ kind: ProviderKind) async throws {
        try await withProvider(kind) { bench async throws in
            let request = ChargeRequest.sample(method: "pm_decline")
            _ = try await bench.provider.charge(request)
            try await bench.provider.void(request.order)
            #expect(try await bench.provider.charge(request) == .declined(code: "card_declined"))
        }
    }

    @Test("a refund is made once, whatever is lost", arguments: ProviderKind.allCases)
    func refunds(_ kind: ProviderKind) async throws {
        try await withProvider(kind) { bench async throws in
            let request = ChargeRequest.sample()
            let charge = try #require(try await bench.provider.charge(request).charge)
            let refund = RefundRequest(order: request.order, charge: charge, amount: request.amount)
            bench.arrange(.unknownAfter, 1)
            await expectUnknown { try await bench.provider.refund(refund) }
            let first = try await bench.provider.refund(refund)
            #expect(try await bench.provider.refund(refund) == first)
            if let summary = bench.simulator?.keeper.summary {
                #expect(summary.refunded == 1)
                #expect(summary.amountRefunded == request.amount.amount)
            }
        }
    }

    @Test("a charge is refunded in parts, each once, and never beyond it", arguments: ProviderKind.allCases)
    func refundsParts(_ kind: ProviderKind) async throws {
        try await withProvider(kind) { bench async throws in
            let request = ChargeRequest.sample()
            let charge = try #require(try await bench.provider.charge(request).charge)
            let part = { @Sendable (number: Int, amount: Int64) in
                RefundRequest(
                    order: request.order, charge: charge, amount: Money(amount: amount, currency: .gbp), number: number)
            }
            let first = try await bench.provider.refund(part(1, 1))
            bench.arrange(.unknownAfter, 1)
            await expectUnknown { try await bench.provider.refund(part(2, 2)) }
            let second = try await bench.provider.refund(part(2, 2))
            #expect(first != second)
            #expect(try await bench.provider.refund(part(1, 1)) == first)
            await #expect(throws: PaymentFailure.rejected(status: 422, code: "idempotency_key_reused")) {
                try await bench.provider.refund(part(1, 2))
            }
            let rest = request.amount.amount - 3
            await #expect(throws: PaymentFailure.rejected(status: 422, code: "amount_exceeds_charge")) {
                try await bench.provider.refund(part(3, rest + 1))
            }
            _ = try await bench.provider.refund(part(3, rest))
            await #expect(throws: PaymentFailure.rejected(status: 422, code: "amount_exceeds_charge")) {
                try await bench.provider.refund(part(4, 1))
            }
            if let summary = bench.simulator?.keeper.summary {
                #expect(summary.refunded == 3 && summary.amountRefunded == request.amount.amount)
            }
        }
    }

    @Test("a refund beyond the charge is rejected", arguments: ProviderKind.allCases)
    func rejectsRefunds(_ kind: ProviderKind) async throws {
        try await withProvider(kind) { bench async throws in
            let request = ChargeRequest.sample()
            let charge = try #require(try await bench.provider.charge(request).charge)
            let more = Money(amount: request.amount.amount + 1, currency: .gbp)
            await #expect(throws: PaymentFailure.rejected(status: 422, code: "amount_exceeds_charge")) {
                try await bench.provider.refund(RefundRequest(order: request.order, charge: charge, amount: more))
            }
        }
    }

    @Test("the magic methods behave as their names say", arguments: ProviderKind.allCases)
    func magicMethods(_ kind: ProviderKind) async throws {
        var policy = PaymentPolicy.patient
        // The wait for an answer that never comes is what this test is about.
        policy.attemptTimeLimit = .seconds(2)
        try await withProvider(kind, policy: policy) { bench async throws in
            let failing = ChargeRequest.sample(1, method: "pm_error")
            await #expect(throws: PaymentFailure.unknown(.serverError(status: 500))) {
                try await bench.patient.charge(failing)
            }
            #expect(try await bench.patient.lookUp(failing.order) == .absent)

            let hanging = ChargeRequest.sample(2, method: "pm_hang")
            await #expect(throws: PaymentFailure.unknown(.timedOut)) { try await bench.provider.charge(hanging) }
            guard case .succeeded = try await bench.patient.lookUp(hanging.order) else {
                Issue.record("pm_hang charges before it hangs")
                return
            }
        }
    }

    @Test("a method that names its customer pays for nobody else", arguments: ProviderKind.allCases)
    func ownedMethods(_ kind: ProviderKind) async throws {
        try await withProvider(kind) { bench async throws in
            let owner = ChargeRequest.sample(customer: 1).customer
            for method in ["pm_\(owner)", "pm_\(owner)_visa"] {
                let number = UInt64(method.utf8.count)
                let own = try await bench.provider.charge(.sample(number, method: method, customer: 1))
                #expect(own.charge != nil)
                await #expect(throws: PaymentFailure.rejected(status: 422, code: "payment_method_not_owned")) {
                    try await bench.provider.charge(.sample(number + 100, method: method, customer: 2))
                }
            }
            for customer in 1...2 as ClosedRange<UInt64> {
                let shared = ChargeRequest.sample(customer + 200, method: "pm_card_visa", customer: customer)
                #expect(try await bench.provider.charge(shared).charge != nil)
            }
        }
    }

    private func expectUnknown(_ call: () async throws -> some Sendable) async {
        do {
            _ = try await call()
            Issue.record("an answer, though it should have been lost")
        } catch {
            #expect((error as? PaymentFailure)?.mayHaveExecuted == true, "\(error)")
        }
    }
}
