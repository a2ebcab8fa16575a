import Commerce
import Synchronization

/// A provider without a network, for benchmarks and for embedding: it answers at once, and obeys the contract as the
/// real one does.
///
/// It remembers the latest orders only, and none beyond its life. A refund of a charge that it does not remember is
/// therefore granted.
public final class InProcessPaymentProvider: PaymentProvider {
    /// What can be made to go wrong with the next calls.
    public enum Fault: Hashable, Sendable {
        case decline
        case unreachable
        /// No answer, and nothing was done.
        case unknownBefore
        /// No answer, though it was done.
        case unknownAfter
    }

    /// What payment methods mean to it.
    public enum Methods: Sendable {
        /// Every method of the customer's pays.
        case allPay
        /// Those of `MagicMethod` do as they say; all others pay. For tests and for trying out.
        case withTestMethods
    }

    /// Payment methods that behave as their names say, as those of the payment simulator do.
    public enum MagicMethod {
        public static let decline = "pm_decline"
        /// Charges, and times out at once.
        public static let hang = "pm_hang"
        /// Fails without a charge.
        public static let error = "pm_error"
    }

    /// Retries come within minutes; at 2,000 orders a second this remembers the last minute in some 20 MB.
    public static let ordersMaxDefault = 131_072

    fileprivate struct Entry {
        enum Standing {
            case succeeded(ChargeID)
            case declined(code: String)
            case voided
        }

        /// nil when the key was voided before a charge was seen.
        var request: ChargeRequest?
        var standing: Standing
        /// By number.
        var refunds: [Int: RefundRequest] = [:]
    }

    fileprivate struct State {
        let ordersMax: Int
        var entries: [OrderID: Entry] = [:]
        /// The keys of `entries`; full, it is a ring whose oldest is at `oldest`.
        var remembered: [OrderID] = []
        var oldest = 0
        var lastNumber: UInt64
        var faults: [Fault] = []
    }

    private let methods: Methods
    private let state: Mutex<State>

    /// - Parameters:
    ///   - methods: whether the methods of tests exist.
    ///   - ordersMax: how many orders it remembers; at least 1.
    ///   - firstNumber: where the numbers of its charges begin; by default at random, so that those of two lives
    ///     differ.
    public init(
        methods: Methods = .allPay, ordersMax: Int = ordersMaxDefault,
        firstNumber: UInt64 = .random(in: 0..<1 << 48)
    ) {
        precondition(ordersMax > 0, "a provider remembers at least one order")
        self.methods = methods
        state = Mutex(State(ordersMax: ordersMax, lastNumber: firstNumber))
    }

    /// Makes the next `count` calls, behind those arranged before, go wrong.
    public func arrange(_ fault: Fault, next count: Int = 1) {
        state.withLock { $0.faults.append(contentsOf: repeatElement(fault, count: count)) }
    }

    /// How many orders it remembers now, for tests and metrics.
    public var ordersRemembered: Int { state.withLock(\.entries.count) }

    public func charge(_ request: ChargeRequest) async throws(PaymentFailure) -> ChargeOutcome {
        try state.withLock { state throws(PaymentFailure) in
            let fault = try state.fault()
            guard request.isMethodOfCustomer else {
                throw .rejected(status: 422, code: "payment_method_not_owned")
            }
            let magic = methods == .withTestMethods ? request.method : nil
            if magic == MagicMethod.error { throw .unknown(.serverError(status: 500)) }
            let outcome = try state.charge(request, declines: fault == .decline || magic == MagicMethod.decline)
            if fault == .unknownAfter || magic == MagicMethod.hang { throw .unknown(.timedOut) }
            return outcome
        }
    }

    public func lookUp(_ order: OrderID) async throws(PaymentFailure) -> ChargeLookup {
        try state.withLock { state throws(PaymentFailure) in
            let fault = try state.fault()
            if fault == .unknownAfter { throw .unknown(.timedOut) }
            return switch state.entries[order]?.standing {
            case nil: .absent
            case .succeeded(let charge): .succeeded(charge)
            case .declined(let code): .declined(code: code)
            case .voided: .voided
            }
        }
    }

    public func void(_ order: OrderID) async throws(PaymentFailure) {
        try state.withLock { state throws(PaymentFailure) in
            let fault = try state.fault()
            state.void(order)
            if fault == .unknownAfter { throw .unknown(.timedOut) }
        }
    }

    public func refund(_ request: RefundRequest) async throws(PaymentFailure) -> RefundID {
        try state.withLock { state throws(PaymentFailure) in
            let fault = try state.fault()
            let refund = try state.refund(request)
            if fault == .unknownAfter { throw .unknown(.timedOut) }
            return refund
        }
    }
}

extension ChargeRequest {
    /// Whether the customer may pay with the method. A method `pm_<customer id>` or `pm_<customer id>_<anything>` is
    /// that customer's; every other one belongs to all.
    fileprivate var isMethodOfCustomer: Bool {
        guard let method, method.hasPrefix("pm_cus_") else { return true }
        return method == "pm_\(customer)" || method.hasPrefix("pm_\(customer)_")
    }
}

// MARK: - The ledger

extension InProcessPaymentProvider.State {
    /// The fault of this call, if it is one that lets the call go on.
    mutating func fault() throws(PaymentFailure) -> InProcessPaymentProvider.Fault? {
        guard !faults.isEmpty else { return nil }
        let fault = faults.removeFirst()
        switch fault {
        case .unreachable: throw .unreachable
        case .unknownBefore: throw .unknown(.timedOut)
        case .decline, .unknownAfter: return fault
        }
    }

    mutating func charge(_ request: ChargeRequest, declines: Bool) throws(PaymentFailure) -> ChargeOutcome {
        if let entry = entries[request.order] {
            if let first = entry.request, first != request {
                throw .rejected(status: 422, code: "idempotency_key_reused")
            }
            switch entry.standing {
            case .succeeded(let charge): return .succeeded(charge)
            case .declined(let code): return .declined(code: code)
            case .voided: throw .voided
            }
        }
        if declines {
            let code = "card_declined"
            remember(.init(request: request, standing: .declined(code: code)), for: request.order)
            return .declined(code: code)
        }
        lastNumber &+= 1
        // Short enough for a string without an allocation.
        let charge = ChargeID("ch_" + String(lastNumber, radix: 36))!
        remember(.init(request: request, standing: .succeeded(charge)), for: request.order)
        return .succeeded(charge)
    }

    mutating func void(_ order: OrderID) {
        switch entries[order]?.standing {
        case nil: remember(.init(request: nil, standing: .voided), for: order)
        case .succeeded: entries[order]?.standing = .voided
        case .declined, .voided: break
        }
    }

    mutating func refund(_ request: RefundRequest) throws(PaymentFailure) -> RefundID {
        if let entry = entries[request.order] {
            if let first = entry.refunds[request.number], first != request {
                throw .rejected(status: 422, code: "idempotency_key_reused")
            }
            switch entry.standing {
            case .voided: throw .voided
            case .declined: throw .rejected(status: 409, code: "charge_declined")
            case .succeeded(let charge):
                guard charge == request.charge, let charged = entry.request?.amount else {
                    throw .rejected(status: 404, code: "charge_not_found")
                }
                let others = entry.refunds.values.reduce(0) { $1.number == request.number ? $0 : $0 + $1.amount.amount }
                guard charged.currency == request.amount.currency,
                    request.amount.amount <= charged.amount - others
                else {
                    throw .rejected(status: 422, code: "amount_exceeds_charge")
                }
            }
            entries[request.order]?.refunds[request.number] = request
        }
        // Named after its charge and its number: the same for a retry, and without memory.
        let name = "re_" + request.charge.description.dropFirst(3) + (request.number == 1 ? "" : "-\(request.number)")
        guard let refund = RefundID(name) else {
            throw .rejected(status: 404, code: "charge_not_found")
        }
        return refund
    }

    private mutating func remember(_ entry: InProcessPaymentProvider.Entry, for order: OrderID) {
        entries[order] = entry
        guard remembered.count == ordersMax else { return remembered.append(order) }
        entries.removeValue(forKey: remembered[oldest])
        remembered[oldest] = order
        oldest = (oldest + 1) % ordersMax
    }
}
