import EventSourcing

extension Order {
    public mutating func apply(_ event: Event) {
        if let contradiction = contradiction(in: event) { preconditionFailure("\(id): \(contradiction)") }
        updatedAt = event.time
        if let step = event.step { status = status!.after(step)! }
        switch event {
        case .placed(let placement, let now):
            self.placement = placement
            total = placement.total!
            placedAt = now
            status = .placed
        case .rejected(let rejection, _):
            self.rejection = rejection
            payment = rejection.payment
        case .paymentUnknown:
            isAbandoned = payment == .unknown
            payment = .unknown
            wasPending = true
        case .paid(let charge, _):
            self.charge = charge
            payment = .paid
        case .fulfilled, .delivered:
            break
        case .addressCorrected(let address, _):
            correctedAddress = address
        case .shipped(let tracking, _):
            self.tracking = tracking
        case .trackingCorrected(let tracking, let now):
            correct(tracking, at: now)
        case .cancelled(_, let refundDue, _, let now):
            // A total of zero moved no money, so none is owed back.
            if refundDue { owe(.remainder, refundable, at: now) } else { payment = .notCharged }
        case .refundRequested(_, _, let now):
            owe(.remainder, refundable, at: now)
        case .partRefundRequested(let amount, let lines, _, let now):
            owe(lines.isEmpty ? .amount : .lines(lines), amount, at: now)
        case .refunded(let refund, let now):
            confirm(nil, by: refund, at: now)
        case .partRefunded(let refund, let number, let now):
            confirm(number, by: refund, at: now)
        case .personalDataErased:
            placement = placement?.impersonal
            correctedAddress = nil
        }
    }

    private mutating func correct(_ tracking: String, at now: Timestamp) {
        if let former = self.tracking { formerTrackings.append(FormerTracking(code: former, replacedAt: now)) }
        formerTrackings.removeFirst(max(0, formerTrackings.count - Self.formerTrackingsMax))
        self.tracking = tracking
    }

    /// Why `event` cannot have followed this state; nil when it can. An offline check asks this before it applies.
    public func contradiction(in event: Event) -> String? {
        guard let step = event.step else {
            guard status == nil else { return "placed twice" }
            guard case .placed(let placement, _) = event, placement.total != nil else {
                return "a total that does not fit 64 bits"
            }
            return nil
        }
        guard let status else { return "\(step.rawValue) before it was placed" }
        guard status.after(step) != nil else { return "\(step.rawValue) while \(status.rawValue)" }
        return contradiction(inRefund: event)
    }
}

extension Order.Event {
    /// The time of the log at which this was decided.
    public var time: Timestamp {
        switch self {
        case .placed(_, let time), .rejected(_, let time), .paymentUnknown(let time), .paid(_, let time),
            .fulfilled(let time), .addressCorrected(_, let time), .shipped(_, let time),
            .trackingCorrected(_, let time), .delivered(let time), .cancelled(_, _, _, let time),
            .refundRequested(_, _, let time), .refunded(_, let time), .partRefundRequested(_, _, _, let time),
            .partRefunded(_, _, let time), .personalDataErased(let time):
            time
        }
    }

    /// The step of the table that this event took; nil for the placing itself.
    public var step: OrderStep? {
        switch self {
        case .placed: nil
        case .rejected: .reject
        case .paymentUnknown: .markPaymentUnknown
        case .paid: .confirmPayment
        case .fulfilled: .fulfill
        case .addressCorrected: .correctAddress
        case .shipped: .ship
        case .trackingCorrected: .correctTracking
        case .delivered: .deliver
        case .cancelled: .cancel
        case .refundRequested: .refund
        case .refunded: .confirmRefund
        case .partRefundRequested: .refundPart
        case .partRefunded: .confirmRefundPart
        case .personalDataErased: .erasePersonalData
        }
    }
}

extension Rejection {
    /// Where the money of an order rejected for this stands.
    var payment: PaymentStatus {
        switch self {
        case .insufficientStock, .paymentExpired: .notCharged
        case .declined: .declined
        case .paymentUnavailable: .unavailable
        }
    }
}
