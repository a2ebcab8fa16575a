import Commerce
import EventSourcing
import Schema
import Testing

/// Random commands from a seed: after each, the invariants hold, and every event and state survives its bytes.
@Suite struct WalkTests {
    static let seeds: ClosedRange<UInt64> = 1...10
    static let steps = 400

    struct Step<A: Aggregate> {
        let state: A
        let events: [A.Event]
        let now: Timestamp
    }

    /// Walks one aggregate; `check` sees the state after each command that was not refused.
    private func walk<A: Recorded & Equatable>(
        _: A.Type, _ id: A.ID, seed: UInt64, steps: Int = Self.steps,
        command: (A, inout SeededGenerator, Timestamp) -> A.Command, check: (Step<A>) -> Void
    ) throws {
        var generator = SeededGenerator(seed: seed)
        var state = A(id: id)
        var now = Timestamp.noon
        for _ in 0..<steps {
            now = now + .milliseconds(generator.below(2_000))
            guard let events = try? state.decide(command(state, &generator, now), at: now) else { continue }
            for event in events {
                #expect(try A.decodeEvent(A.bytes(of: event)[...]) == event, "seed \(seed)")
                state.apply(event)
            }
            #expect(try A.decodeState(state.stateBytes[...], id: id) == state, "seed \(seed)")
            check(Step(state: state, events: events, now: now))
        }
    }

    @Test(arguments: seeds) func stock(seed: UInt64) throws {
        var balance: Int64 = 0
        let orders = (0..<12).map { OrderID(at: .noon, slot: Slot(UInt16($0)), random: UInt64($0) << 9) }
        let holds = (0..<12).map { HoldID(at: .noon, slot: Slot(UInt16($0)), random: UInt64($0) << 9) }
        try walk(Stock.self, lamp, seed: seed) { stock, generator, now in
            let id: ReservationID =
                generator.oneIn(2) ? .order(orders[generator.below(12)]) : .manual(holds[generator.below(12)])
            let units = Units(Int64(generator.below(9)))!
            switch generator.below(10) {
            case 0: return .receive(units, reference: generator.oneIn(2) ? "note" : nil)
            case 1: return .adjust(delta: Int64(generator.below(9)) - 4, reason: .count)
            case 2: return .set(to: units, expected: generator.oneIn(3) ? 4 : stock.onHand, reason: .correction)
            case 3...5:
                let until = now + .milliseconds(generator.below(5_000))
                return .reserve(id, units, until: generator.oneIn(2) ? until : nil)
            case 6: return .release(id)
            case 7: return .fulfill(id)
            case 8: return .restock(units, orders[0])
            default: return .expire
            }
        } check: { step in
            for event in step.events { balance += event.onHandDelta }
            let stock = step.state
            #expect(stock.onHand.rawValue == balance, "received − fulfilled + returned = on hand, seed \(seed)")
            #expect(stock.reserved <= stock.onHand)
            #expect(stock.reserved.rawValue == stock.held.reduce(0) { $0 + $1.units.rawValue })
            #expect(stock.held.map(\.id) == stock.held.map(\.id).sorted())
            #expect(stock.wakeAt == stock.held.compactMap(\.until).min())
        }
    }

    @Test(arguments: seeds) func orders(seed: UInt64) throws {
        var charges = 0
        var refunds = 0
        var answer: FirstAnswer?
        try walk(Order.self, order, seed: seed, steps: 60) { _, generator, now in
            switch generator.below(generator.oneIn(4) ? 14 : 12) {
            case 0...1: return .place(OrderSamples.full.with(deadline: now + .seconds(30)))
            case 2: return .markPaymentUnknown
            case 3: return .confirmPayment(ChargeID("ch_\(generator.below(2))")!)
            case 4: return .fulfill
            case 5: return .ship(tracking: generator.oneIn(2) ? "\(generator.below(3))Z" : nil)
            case 6: return generator.oneIn(2) ? .correctAddress(OrderSamples.bare.shippingAddress!) : .deliver
            case 7: return .cancel(reason: nil)
            case 8: return .refund(reason: "broken", restock: generator.oneIn(2))
            case 9...10: return .confirmRefund(RefundID("re_1")!, number: 1 + generator.below(4))
            case 11:
                if generator.oneIn(2) { return .refundPart(.amount(1 + Int64(generator.below(900))), reason: nil) }
                let units = Units(Int64(generator.below(3)))!
                let item = RefundItem(sku: generator.oneIn(2) ? lamp : mug, quantity: units)
                return .refundPart(.items([item]), reason: "x")
            default: return .reject(generator.oneIn(2) ? .paymentExpired : .declined(code: "no"))
            }
        } check: { step in
            for event in step.events {
                if case .paid = event { charges += 1 }
                if case .refunded = event { refunds += 1 }
            }
            let order = step.state
            #expect(charges <= 1 && refunds <= charges, "seed \(seed)")
            #expect(order.refundable >= 0 && order.refunded <= order.total?.amount ?? 0, "seed \(seed)")
            #expect((order.charge != nil) == (charges == 1))
            #expect((order.payment == .refundPending) == (order.refundDueSince != nil))
            if let answer { #expect(order.firstAnswer == answer, "the first answer stands, seed \(seed)") }
            answer = order.firstAnswer
            if order.status == .rejected { #expect(charges == 0) }
        }
    }

    @Test(arguments: seeds) func carts(seed: UInt64) throws {
        try walk(Cart.self, customer, seed: seed, steps: 600) { _, generator, _ in
            let sku = SKU("S\(generator.below(230))")!
            let quantity = Units(Int64(generator.below(5)))!
            switch generator.below(400) {
            case 0: return .clear
            case 1..<20: return .removeItem(sku)
            case 20..<200: return .addItem(sku, generator.oneIn(50) ? .max : quantity)
            default: return .setItem(sku, quantity)
            }
        } check: { step in
            let lines = step.state.lines
            #expect(lines.count <= Cart.linesMax)
            #expect(Set(lines.map(\.sku)).count == lines.count)
            #expect(lines.allSatisfy { $0.quantity > 0 && $0.quantity <= Placement.quantityMax })
        }
    }

    @Test(arguments: seeds) func products(seed: UInt64) throws {
        var sold: UInt64 = 0
        try walk(Product.self, product, seed: seed) { state, generator, _ in
            let sku = SKU("S\(generator.below(5))")!
            let price = Money(amount: Int64(generator.below(1_000)) - 2, currency: generator.oneIn(9) ? .eur : .gbp)
            switch generator.below(8) {
            case 0, 1:
                var details = ProductSamples.full
                details.variants = (0..<generator.below(4)).map { Variant(sku: SKU("S\($0)")!, price: price) }
                details.isActive = generator.oneIn(2)
                return state.details == nil ? .create(details) : .update(details)
            case 2, 3: return .setPrice(sku, price)
            case 4: return .activate
            case 5: return .deactivate
            case 6: return .recordUnitsReturned([SKUUnits(sku: sku, units: Units(Int64(generator.below(9)))!)])
            default: return .recordUnitsSold([SKUUnits(sku: sku, units: Units(Int64(generator.below(9)))!)])
            }
        } check: { step in
            for event in step.events {
                switch event {
                case .unitsSold(let lines): sold += lines.reduce(0) { $0 + UInt64($1.units.rawValue) }
                case .unitsReturned(let lines):
                    sold -= min(sold, lines.reduce(0) { $0 + UInt64($1.units.rawValue) })
                default: break
                }
            }
            #expect(step.state.unitsSold == sold)
            guard let details = step.state.details else { return }
            #expect(!details.variants.isEmpty)
            #expect(Set(details.variants.map(\.sku)).count == details.variants.count)
            #expect(Set(details.variants.map(\.price.currency)).count == 1)
            #expect(details.variants.allSatisfy { $0.price.amount >= 0 })
        }
    }

    @Test(arguments: seeds) func accounts(seed: UInt64) throws {
        var ended: UInt64 = 0
        try walk(Account.self, customer, seed: seed, steps: 100) { _, generator, _ in
            switch generator.below(4) {
            case 0: .register(AccountSamples.registration(Role.allCases[generator.below(3)]))
            case 1:
                .changePassword(
                    PasswordHash("hash \(generator.below(3))"), keeping: generator.oneIn(2) ? SessionSamples.id : nil)
            case 2: .grantRole(Role.allCases[generator.below(3)])
            default: .rename(firstName: "N\(generator.below(3))", lastName: "")
            }
        } check: { step in
            #expect(step.state.email?.description == "ada@example.com")
            ended += UInt64(step.events.count { if case .sessionsEnded = $0 { true } else { false } })
            #expect(step.state.sessions.number == ended)
        }
    }

    @Test(arguments: seeds) func sessions(seed: UInt64) throws {
        var used: Set<UInt8> = []
        var repeated: Set<UInt64> = []
        try walk(Session.self, SessionSamples.id, seed: seed, steps: 120) { session, generator, now in
            if session.opening == nil { return .open(SessionSamples.opening) }
            if generator.oneIn(80) { return .end(.revoked) }
            // Each token is made of the one before, so that a repeated request makes the same one again.
            let present = session.rotation!.bytes[0]
            let number = generator.oneIn(9) ? present &- UInt8(generator.below(3)) : present
            let family = digest(generator.oneIn(30) ? 9 : 1)
            return .rotate(
                presented: RefreshTokenDigest(family: family, rotation: digest(number)),
                replacement: digest(number &+ 1), client: digest(UInt8(generator.below(2))))
        } check: { step in
            let session = step.state
            for event in step.events {
                if case .repeated = event {
                    #expect(repeated.insert(session.generation).inserted, "each rotation is repeated once")
                }
                if case .rotated(let replacement, _, _) = event {
                    #expect(used.insert(replacement.bytes[0]).inserted, "each token is good once")
                    #expect(session.ended == nil)
                }
            }
            #expect(session.generation == UInt64(used.count))
            #expect((session.ended != nil) == !session.isOpen(at: step.now))
        }
    }

    @Test(arguments: seeds) func keysClaimsAndPositions(seed: UInt64) throws {
        try walk(IdempotencyKey.self, IdempotencyKeySamples.id, seed: seed, steps: 100) { _, generator, now in
            if generator.oneIn(5) { return .release }
            return .claim(
                fingerprint: digest(UInt8(generator.below(3))),
                subject: generator.oneIn(2) ? .order(order) : .answer(status: 201, location: nil, body: [1, 2]),
                expiresAt: now + .milliseconds(generator.below(9_000)))
        } check: { step in
            for case .claimed(let claim) in step.events { #expect(step.state.standing(at: step.now) == claim) }
            for case .released in step.events { #expect(step.state.claim == nil) }
        }
        try walk(EmailClaim.self, EmailClaimSamples.id, seed: seed, steps: 100) { _, generator, _ in
            let holder = generator.oneIn(2) ? customer : staff
            return generator.oneIn(2) ? .claim(holder) : .release(holder)
        } check: { step in
            for case .claimed(let holder) in step.events { #expect(step.state.holder == holder) }
        }
        var last = LogIndex.zero
        try walk(ConsumerPosition.self, ConsumerPositionSamples.id, seed: seed, steps: 100) { state, generator, _ in
            let start = UInt64(generator.below(3)) + state.position.rawValue
            return .advance(from: LogIndex(start), to: LogIndex(start + UInt64(generator.below(5))))
        } check: { step in
            #expect(step.state.position > last)
            last = step.state.position
        }
        let publications = [VerificationKeySamples.es256, VerificationKeySamples.eddsa]
        try walk(VerificationKey.self, VerificationKeySamples.id, seed: seed, steps: 100) { _, generator, now in
            let end = generator.oneIn(2) ? nil : now + .milliseconds(generator.below(9))
            return .publish(publications[generator.below(2)], endsAt: end)
        } check: { step in
            #expect(step.state.publication != nil)
            for case .published(_, let end, _) in step.events { #expect(step.state.endsAt == end) }
        }
        let ids = (0..<20).map { WebhookID(at: .noon, slot: .catalogue, random: UInt64($0) << 2) }
        try walk(Webhooks.self, WebhooksSamples.id, seed: seed, steps: 200) { _, generator, _ in
            let id = ids[generator.below(20)]
            switch generator.below(8) {
            case 0: return .remove(id)
            case 1: return .change(id, WebhooksSamples.disabled)
            case 2: return .giveUp(id, at: WebhooksSamples.settings.url, .gone)
            case 3: return .rotateSecret(id, to: WebhookSecret([UInt8(generator.below(9))]))
            case 4: return .change(id, WebhooksSamples.settings)
            default: return .add(id, WebhooksSamples.settings, secret: WebhooksSamples.secret)
            }
        } check: { step in
            #expect(step.state.endpoints.count <= Webhooks.endpointsMax)
            #expect(Set(step.state.endpoints.map(\.id)).count == step.state.endpoints.count)
            for case .givenUp(let id, _) in step.events {
                #expect(step.state.endpoint(id)?.settings.isEnabled == false)
            }
        }
        try walk(WebhookProgress.self, WebhookProgressSamples.id, seed: seed, steps: 400) { state, generator, now in
            let end = LogIndex(state.position.rawValue + UInt64(generator.below(4)))
            func place() -> EventPlace {
                let known = (state.aside + state.failed).randomElement(using: &generator)?.place
                return known ?? EventPlace(index: end, number: 1)
            }
            switch generator.below(12) {
            case 0: return .begin(since: now, after: end)
            case 1: return .take(place())
            case 2: return .postpone(place(), until: now, .unanswered)
            case 3, 4: return .fail(place(), .unanswered)
            case 5: return .replay([place(), place()])
            case 6: return generator.oneIn(4) ? .end : .fail(place(), .address)
            default:
                let aside = WebhookProgressSamples.delivery(EventPlace(index: end, number: 1 + generator.below(3)))
                return .advance(since: state.since ?? now, to: end, isTaken: generator.oneIn(2), aside: [aside])
            }
        } check: { step in
            let state = step.state
            #expect(Set(state.aside.map(\.place)).isDisjoint(with: state.failed.map(\.place)))
            #expect((state.aside + state.failed).allSatisfy { $0.place.index <= state.position } || state.since == nil)
            #expect(state.failed.count <= WebhookProgress.failedMax && state.settled <= state.position)
            #expect(state.since != nil || state.aside.isEmpty)
        }
    }
}

extension Stock.Event {
    fileprivate var onHandDelta: Int64 {
        switch self {
        case .received(let units, _), .restocked(let units, _): units.rawValue
        case .adjusted(let delta, _): delta
        case .fulfilled(_, let units): -units.rawValue
        case .reserved, .released, .expired: 0
        }
    }
}

extension Placement {
    fileprivate func with(deadline: Timestamp) -> Placement {
        Placement(
            customer: customer, lines: lines, currency: currency, shippingAddress: shippingAddress, email: email,
            paymentMethod: paymentMethod, placedBy: placedBy, deadline: deadline)
    }
}
