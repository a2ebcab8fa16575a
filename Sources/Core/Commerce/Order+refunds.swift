import EventSourcing

/// Paying a part of an order back.
extension Order {
    func requestPart(
        _ part: RefundPart, _ reason: String?, _ status: OrderStatus, _ now: Timestamp
    ) throws(Refusal) -> [Event] {
        guard status.after(.refundPart) != nil else { throw .illegalTransition(from: status, .refundPart) }
        guard reason?.isText(0...Self.noteLengthMax) ?? true else { throw .invalid(.reason) }
        guard !isBeingPaidBack else { throw .refundInProgress }
        guard refunds.count < Self.refundsMax else { throw .tooManyRefunds }
        let (lines, amount) = try content(of: part, status)
        guard amount <= refundable else { throw .refundExceedsPayment(left: refundable, ofLines: !lines.isEmpty) }
        return [.partRefundRequested(amount: amount, lines: lines, reason: reason, at: now)]
    }

    private func content(
        of part: RefundPart, _ status: OrderStatus
    ) throws(Refusal) -> (lines: [RefundLine], amount: Int64) {
        switch part {
        case .amount(let amount):
            guard amount > 0 else { throw .invalid(.refundAmount) }
            return ([], amount)
        case .items(let items):
            let lines = try allocate(items, restock: status == .fulfilled)
            guard refunds.reduce(lines.count, { $0 + $1.lines.count }) <= Self.refundLinesMax else {
                throw .tooManyRefunds
            }
            // A part of a total that fits 64 bits fits them as well.
            return (lines, price(of: lines)!)
        }
    }

    /// Finds the order's lines for `items`: of those with the SKU the first that have units left.
    private func allocate(_ items: [RefundItem], restock: Bool) throws(Refusal) -> [RefundLine] {
        guard (1...Placement.linesMax).contains(items.count) else { throw .invalid(.refundItems) }
        var places: [SKU: [Int]] = [:]
        for (place, line) in lines.enumerated() { places[line.sku, default: []].append(place) }
        var left = unitsLeft
        var found: [RefundLine] = []
        for (position, item) in items.enumerated() {
            guard item.quantity > 0 else { throw .invalid(.refundQuantity(item: position)) }
            guard let candidates = places[item.sku] else { throw .invalid(.refundSKU(item: position)) }
            var missing = item.quantity
            for place in candidates where missing > 0 && left[place] > 0 {
                let taken = min(missing, left[place])
                left[place] = left[place].subtracting(taken)!
                missing = missing.subtracting(taken)!
                found.append(RefundLine(line: place, quantity: taken, restock: item.restock ?? restock))
            }
            guard missing == .zero else {
                throw .refundExceedsLines(item: position, left: item.quantity.subtracting(missing)!)
            }
        }
        return found
    }

    func confirmRefund(
        _ confirmation: RefundID, _ number: Int, _ status: OrderStatus, _ now: Timestamp
    ) throws(Refusal) -> [Event] {
        guard refunds.indices.contains(number - 1) else {
            throw .illegalTransition(from: status, .confirmRefund)
        }
        guard refunds[number - 1].isOwed else { return [] }
        return isPaidBack(confirming: number)
            ? [.refunded(confirmation, at: now)] : [.partRefunded(confirmation, number: number, at: now)]
    }

    // MARK: - Events

    mutating func owe(_ scope: Refund.Scope, _ amount: Int64, at now: Timestamp) {
        refunds.append(Refund(scope: scope, amount: amount, updatedAt: now))
        payment = .refundPending
    }

    /// - Parameter number: nil for the only one that is owed.
    mutating func confirm(_ number: Int?, by confirmation: RefundID, at now: Timestamp) {
        let place = (number ?? owedRefund(after: 0)!) - 1
        refunds[place].confirmation = confirmation
        refunds[place].updatedAt = now
        if number == nil {
            payment = .refunded
        } else if refundDueSince != nil {
            payment = .refundPending
        } else {
            // Goods that cost nothing may have come back without any money.
            payment = refunded > 0 ? .partlyRefunded : .paid
        }
    }

    /// Why a refund cannot have been asked for or confirmed so; nil when it can, and for every other event.
    func contradiction(inRefund event: Event) -> String? {
        switch event {
        case .refundRequested:
            return refunds.contains { $0.scope == .remainder } ? "its remainder refunded twice" : nil
        case .cancelled(_, let refundDue, _, _):
            return refundDue && refundable <= 0 ? "a refund of nothing" : nil
        case .partRefundRequested(let amount, let lines, _, _):
            guard (0...max(0, refundable)).contains(amount) else { return "\(amount) refunded of \(refundable)" }
            return lines.isEmpty ? nil : contradiction(in: lines, of: amount)
        case .refunded:
            guard let number = owedRefund(after: 0), isPaidBack(confirming: number) else {
                return "a refund confirmed that was not owed"
            }
            return nil
        case .partRefunded(_, let number, _):
            let isOwed = refunds.indices.contains(number - 1) && refunds[number - 1].isOwed
            return isOwed ? nil : "refund \(number) confirmed, which was not owed"
        default: return nil
        }
    }

    private func contradiction(in lines: [RefundLine], of amount: Int64) -> String? {
        var left = unitsLeft
        for line in lines {
            guard left.indices.contains(line.line), line.quantity > 0,
                let rest = left[line.line].subtracting(line.quantity)
            else { return "\(line.quantity) refunded of line \(line.line)" }
            left[line.line] = rest
        }
        return price(of: lines) == amount ? nil : "\(amount) refunded for lines of another price"
    }
}
