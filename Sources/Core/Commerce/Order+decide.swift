import EventSourcing

extension Order {
    public func decide(_ command: Command, at now: Timestamp) throws(Refusal) -> [Event] {
        if case .place(let placement) = command { return try place(placement, now) }
        guard let status else { throw .notPlaced }
        switch command {
        case .place: return []
        case .reject(let rejection):
            if status == .rejected { return [] }
            if case .declined(let code) = rejection, !code.isText(1...Self.noteLengthMax) { throw .invalid(.reason) }
            return try take(.reject, from: status, .rejected(rejection, at: now))
        case .markPaymentUnknown:
            if status == .placed, payment == .unknown { return [] }
            return try take(.markPaymentUnknown, from: status, .paymentUnknown(at: now))
        case .abandonPayment:
            if status == .placed, isAbandoned { return [] }
            guard payment == .unknown else { throw .illegalTransition(from: status, .markPaymentUnknown) }
            return try take(.markPaymentUnknown, from: status, .paymentUnknown(at: now))
        case .confirmPayment(let confirmed):
            if let charge {
                guard charge == confirmed else { throw .chargeConflict(charge) }
                return []
            }
            guard !isAbandoned else { throw .illegalTransition(from: status, .confirmPayment) }
            return try take(.confirmPayment, from: status, .paid(confirmed, at: now))
        case .fulfill:
            if status == .fulfilled || status == .shipped || status == .delivered { return [] }
            return try take(.fulfill, from: status, .fulfilled(at: now))
        case .correctAddress(let address):
            guard address.isWithinLimits else { throw .invalid(.shippingAddress) }
            if address == shippingAddress, status.after(.correctAddress) != nil { return [] }
            return try take(.correctAddress, from: status, .addressCorrected(address, at: now))
        case .ship(let tracking):
            return try ship(tracking, status, now)
        case .deliver:
            if status == .delivered { return [] }
            return try take(.deliver, from: status, .delivered(at: now))
        case .cancel(let reason):
            return try cancel(reason, status, now)
        case .refund(let reason, let restock):
            return try requestRefund(reason, restock, status, now)
        case .refundPart(let part, let reason):
            return try requestPart(part, reason, status, now)
        case .confirmRefund(let refund, let number):
            return try confirmRefund(refund, number, status, now)
        case .erasePersonalData:
            let events = try take(.erasePersonalData, from: status, .personalDataErased(at: now))
            return placement?.isPersonal == true || correctedAddress != nil ? events : []
        }
    }

    /// The one place that asks the table of transitions.
    private func take(_ step: OrderStep, from status: OrderStatus, _ event: Event) throws(Refusal) -> [Event] {
        guard status.after(step) != nil else { throw .illegalTransition(from: status, step) }
        return [event]
    }

    private func ship(_ tracking: String?, _ status: OrderStatus, _ now: Timestamp) throws(Refusal) -> [Event] {
        guard tracking?.isText(1...Self.noteLengthMax) ?? true else { throw .invalid(.tracking) }
        if status.after(.correctTracking) != nil, let events = try correct(tracking, status, now) { return events }
        guard !isBeingPaidBack || status != .fulfilled else { throw .refundInProgress }
        return try take(.ship, from: status, .shipped(tracking: tracking, at: now))
    }

    /// - Returns: nil when this is no correction.
    private func correct(_ tracking: String?, _ status: OrderStatus, _ now: Timestamp) throws(Refusal) -> [Event]? {
        guard let tracking else { return status == .shipped ? [] : nil }
        if tracking == self.tracking { return [] }
        return try take(.correctTracking, from: status, .trackingCorrected(tracking, at: now))
    }

    private func cancel(_ reason: String?, _ status: OrderStatus, _ now: Timestamp) throws(Refusal) -> [Event] {
        if status == .cancelled { return [] }
        guard status != .placed else { throw .paymentInProgress }
        guard reason?.isText(0...Self.noteLengthMax) ?? true else { throw .invalid(.reason) }
        guard !isBeingPaidBack || status != .fulfilled else { throw .refundInProgress }
        let refundDue = refundable > 0
        return try take(
            .cancel, from: status,
            .cancelled(reason: reason, refundDue: refundDue, restock: status == .fulfilled, at: now))
    }

    private func requestRefund(
        _ reason: String?, _ restock: Bool, _ status: OrderStatus, _ now: Timestamp
    ) throws(Refusal) -> [Event] {
        if status == .refunded || (status != .cancelled && isBeingPaidBack) { return [] }
        guard reason?.isText(0...Self.noteLengthMax) ?? true else { throw .invalid(.reason) }
        return try take(
            .refund, from: status,
            .refundRequested(reason: reason, restock: restock || status == .fulfilled, at: now))
    }

    private func place(_ placement: Placement, _ now: Timestamp) throws(Refusal) -> [Event] {
        guard self.placement == nil else {
            guard self.placement == placement else { throw .alreadyPlaced }
            return []
        }
        guard (1...Placement.linesMax).contains(placement.lines.count) else { throw .invalid(.lines) }
        for (position, line) in placement.lines.enumerated() {
            guard line.quantity > 0, line.quantity <= Placement.quantityMax else {
                throw .invalid(.quantity(line: position))
            }
            guard (0...Placement.unitPriceMax).contains(line.unitPrice) else {
                throw .invalid(.unitPrice(line: position))
            }
        }
        guard placement.total != nil else { throw .invalid(.total) }
        guard placement.shippingAddress?.isWithinLimits ?? true else { throw .invalid(.shippingAddress) }
        guard placement.paymentMethod.map(Placement.isPaymentMethod) ?? true else { throw .invalid(.paymentMethod) }
        guard placement.deadline > now else { throw .invalid(.deadline) }
        return [.placed(placement, at: now)]
    }
}
