import EventSourcing

extension Stock {
    public func decide(_ command: Command, at now: Timestamp) throws(Refusal) -> [Event] {
        switch command {
        case .receive(let units, let reference): try receive(units, reference)
        case .adjust(let delta, let reason): try adjust(delta, reason)
        case .set(let target, let expected, let reason): try set(target, expected, reason)
        case .reserve(let id, let units, let until): try reserve(id, units, until, now)
        case .release(let id): held(id).map { [.released(id, $0.units)] } ?? []
        case .fulfill(let id): try fulfill(id, now)
        case .restock(let units, let order): try restock(units, order)
        case .expire: lapsed(by: now)
        }
    }

    private func receive(_ units: Units, _ reference: String?) throws(Refusal) -> [Event] {
        guard units > 0 else { throw .quantityZero }
        guard reference?.isText(0...Self.referenceLengthMax) ?? true else { throw .limitExceeded(.reference) }
        guard onHand.adding(units) != nil else { throw .limitExceeded(.onHand) }
        return [.received(units, reference: reference)]
    }

    private func adjust(_ delta: Int64, _ reason: AdjustmentReason) throws(Refusal) -> [Event] {
        guard delta != 0 else { throw .quantityZero }
        guard reason.isWithinLimits else { throw .limitExceeded(.note) }
        let (sum, overflow) = onHand.rawValue.addingReportingOverflow(delta)
        guard delta < 0 || (!overflow && Units(sum) != nil) else { throw .limitExceeded(.onHand) }
        guard sum >= reserved.rawValue else { throw .wouldGoBelowReserved(reserved: reserved) }
        return [.adjusted(delta: delta, reason: reason)]
    }

    private func set(_ target: Units, _ expected: Units, _ reason: AdjustmentReason) throws(Refusal) -> [Event] {
        guard onHand == expected else { throw .stale(onHand: onHand) }
        guard target != onHand else { return [] }
        return try adjust(target.rawValue - onHand.rawValue, reason)
    }

    private func reserve(
        _ id: ReservationID, _ units: Units, _ until: Timestamp?, _ now: Timestamp
    ) throws(Refusal) -> [Event] {
        if let firstDeadline, firstDeadline <= now {
            // What has lapsed by log time is free, whether or not its expiry has been written yet.
            let lapsed = lapsed(by: now)
            var swept = self
            for event in lapsed { swept.apply(event) }
            return lapsed + (try swept.claim(id, units, until, now))
        }
        return try claim(id, units, until, now)
    }

    private func claim(
        _ id: ReservationID, _ units: Units, _ until: Timestamp?, _ now: Timestamp
    ) throws(Refusal) -> [Event] {
        guard units > 0 else { throw .quantityZero }
        if let standing = held(id) {
            guard standing.units == units else { throw .reservationConflict(units: standing.units) }
            return []
        }
        guard until.map({ $0 > now }) ?? true else { throw .deadlinePassed }
        guard units <= available else { throw .insufficientStock(available: available) }
        guard held.count < Self.holdsMax else { throw .limitExceeded(.holds) }
        return [.reserved(id, units, until: until)]
    }

    private func fulfill(_ id: ReservationID, _ now: Timestamp) throws(Refusal) -> [Event] {
        if let standing = held(id), standing.until.map({ $0 > now }) ?? true {
            return [.fulfilled(id, standing.units)]
        }
        // An order retries until it knows; a person must hear that the hold has lapsed.
        guard case .order = id else { throw .reservationNotHeld }
        return []
    }

    private func restock(_ units: Units, _ order: OrderID) throws(Refusal) -> [Event] {
        guard units > 0 else { throw .quantityZero }
        guard onHand.adding(units) != nil else { throw .limitExceeded(.onHand) }
        return [.restocked(units, order)]
    }

    private func lapsed(by now: Timestamp) -> [Event] {
        guard let firstDeadline, firstDeadline <= now else { return [] }
        let lapsed = held.lazy.filter { $0.until.map { $0 <= now } ?? false }
        return lapsed.prefix(Self.expiriesMax).map { .expired($0.id, $0.units) }
    }

    /// The standing reservation with this id.
    public func held(_ id: ReservationID) -> Reservation? {
        let place = place(of: id)
        return place < held.count && held[place].id == id ? held[place] : nil
    }

    /// Where `id` stands in `held`, or would.
    func place(of id: ReservationID) -> Int {
        // Order ids grow with time: the newest belongs at the end.
        if let last = held.last, last.id < id { return held.count }
        var lower = 0
        var upper = held.count
        while lower < upper {
            let middle = (lower + upper) / 2
            if held[middle].id < id { lower = middle + 1 } else { upper = middle }
        }
        return lower
    }
}
