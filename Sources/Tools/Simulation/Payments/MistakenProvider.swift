import Checkout
import Commerce

/// A connection to the provider with a planted mistake in it.
struct MistakenProvider: PaymentProvider {
    let line: PaymentLine
    let world: World

    func charge(_ request: ChargeRequest) async throws(PaymentFailure) -> ChargeOutcome {
        do throws(PaymentFailure) {
            return try await line.charge(request, under: key(request.order, if: .chargeKeyPerAttempt))
        } catch {
            guard error.mayHaveExecuted, error != .unknown(.cancelled) else { throw error }
            if has(.unknownPaymentIsDeclined) { return .declined(code: "timed_out") }
            if has(.unknownPaymentIsPaid) { return .succeeded(ChargeID("ch_hoped_for")!) }
            throw error
        }
    }

    func lookUp(_ order: OrderID) async throws(PaymentFailure) -> ChargeLookup {
        let found = try await line.lookUp(order)
        if found == .absent, has(.absentChargeIsDeclined) { return .declined(code: "never_seen") }
        return found
    }

    func void(_ order: OrderID) async throws(PaymentFailure) {
        if has(.voidNotSent) { return }
        try await line.void(order)
    }

    func refund(_ request: RefundRequest) async throws(PaymentFailure) -> RefundID {
        if has(.refundNotSent) { return RefundID("re_promised")! }
        return try await line.refund(request, under: key(request.order, if: .refundKeyPerAttempt))
    }

    private func has(_ bug: PlantedBug) -> Bool { world.bugs.contains(bug) }

    private func key(_ order: OrderID, if bug: PlantedBug) -> PaymentLedger.Key {
        PaymentLedger.Key(order: order, salt: has(bug) ? world.random.next() : 0)
    }
}
