import Commerce
import EventSourcing
import Testing

@Suite struct OrderTests {
    static let charge = ChargeID("ch_1")!
    static let deadline = Timestamp.noon + .seconds(30)

    static func placement(
        _ lines: [OrderLine] = [OrderLine(sku: lamp, quantity: 2, unitPrice: 850)], currency: Currency = .gbp
    ) -> Placement {
        Placement(customer: customer, lines: lines, currency: currency, placedBy: customer, deadline: deadline)
    }

    static func placed() throws -> Order {
        var order = Order(id: CommerceTests.order)
        try order.handle(.place(placement()))
        return order
    }

    /// An order with these commands behind it.
    static func order(after commands: [Order.Command]) throws -> Order {
        var order = try placed()
        for command in commands { try order.handle(command) }
        return order
    }

    @Test func aPlacedOrderKnowsItsTotalAndItsDeadline() throws {
        let order = try Self.placed()
        #expect(order.status == .placed)
        #expect(order.payment == .pending)
        #expect(order.total == Money(amount: 1_700, currency: .gbp))
        #expect(order.wakeAt == Self.deadline)
        #expect(order.firstAnswer == nil)
    }

    @Test func placingAgainStandsAndPlacingAnotherIsRefused() throws {
        var order = try Self.placed()
        #expect(try order.handle(.place(Self.placement())).isEmpty)
        #expect(throws: Order.Refusal.alreadyPlaced) {
            try order.decide(.place(Self.placement(currency: .eur)), at: .noon)
        }
    }

    @Test func oneSKUAtTwoPricesStaysTwoLinesAndOneHold() throws {
        let placement = Self.placement([
            OrderLine(sku: mug, quantity: 1, unitPrice: 100), OrderLine(sku: lamp, quantity: 2, unitPrice: 850),
            OrderLine(sku: mug, quantity: 5, unitPrice: 90),
        ])
        #expect(placement.holds == [SKUUnits(sku: lamp, units: 2), SKUUnits(sku: mug, units: 6)])
        #expect(placement.total?.amount == 2_250)
        #expect(placement.lines.count == 3)
    }

    @Test func theWholeStory() throws {
        var order = try Self.order(after: [.confirmPayment(Self.charge)])
        #expect(order.status == .paid)
        #expect(order.firstAnswer == .paid)
        #expect(order.wakeAt == nil)
        try order.handle(.fulfill)
        try order.handle(.ship(tracking: "1Z"))
        try order.handle(.deliver)
        #expect(order.status == .delivered)
        #expect(order.tracking == "1Z")
        #expect(order.payment == .paid)
    }

    @Test(arguments: [[], [.deliver]] as [[Order.Command]])
    func aTrackingCodeCanBeCorrectedOnceTheGoodsAreShipped(later: [Order.Command]) throws {
        var order = try Self.order(after: [.confirmPayment(Self.charge), .fulfill, .ship(tracking: "1Z")] + later)
        let status = order.status
        #expect(try order.handle(.ship(tracking: "1Z")).isEmpty)
        #expect(try order.handle(.ship(tracking: "2Z"), at: .noon + .seconds(1)) == [
            .trackingCorrected("2Z", at: .noon + .seconds(1))
        ])
        #expect(try order.handle(.ship(tracking: "2Z")).isEmpty)
        #expect(order.status == status && order.tracking == "2Z")
        #expect(order.formerTrackings == [FormerTracking(code: "1Z", replacedAt: .noon + .seconds(1))])
        #expect(throws: Order.Refusal.invalid(.tracking)) { try order.decide(.ship(tracking: ""), at: .noon) }
        // Said without a code it is only said again.
        if later.isEmpty { #expect(try order.handle(.ship(tracking: nil)).isEmpty) }
        for number in 0..<30 { try order.handle(.ship(tracking: "N\(number)")) }
        #expect(order.formerTrackings.count == Order.formerTrackingsMax && order.formerTrackings.last?.code == "N28")
    }

    @Test func anAddressCanBeCorrectedUntilTheGoodsAreShipped() throws {
        let address = ShippingAddress(name: "A", line1: "B", city: "C", country: "GB")
        for before in [[], [.confirmPayment(Self.charge)], [.confirmPayment(Self.charge), .fulfill]]
            as [[Order.Command]]
        {
            var order = try Self.order(after: before)
            let status = order.status
            #expect(try order.handle(.correctAddress(address)) == [.addressCorrected(address, at: .noon)])
            #expect(try order.handle(.correctAddress(address)).isEmpty)
            #expect(order.shippingAddress == address && order.status == status)
            var wrong = address
            wrong.city = ""
            #expect(throws: Order.Refusal.invalid(.shippingAddress)) {
                try order.decide(.correctAddress(wrong), at: .noon)
            }
        }
        let shipped = try Self.order(after: [.confirmPayment(Self.charge), .fulfill, .ship(tracking: nil)])
        #expect(throws: Order.Refusal.illegalTransition(from: .shipped, .correctAddress)) {
            try shipped.decide(.correctAddress(address), at: .noon)
        }
    }

    @Test func goodsThatWereShippedWithoutATrackingCodeGetOneLater() throws {
        var order = try Self.order(after: [.confirmPayment(Self.charge), .fulfill, .ship(tracking: nil)])
        #expect(try order.handle(.ship(tracking: "1Z")) == [.trackingCorrected("1Z", at: .noon)])
        #expect(order.tracking == "1Z" && order.formerTrackings.isEmpty)
    }

    @Test func anUnknownPaymentIsAnsweredPendingForEver() throws {
        var order = try Self.order(after: [.markPaymentUnknown])
        var abandoned = try Self.order(after: [.markPaymentUnknown, .abandonPayment])
        #expect(abandoned.isAbandoned && !order.isAbandoned)
        #expect(throws: Order.Refusal.self) {
            _ = try abandoned.decide(.confirmPayment(ChargeID("ch_late")!), at: abandoned.updatedAt!)
        }
        for event in try abandoned.decide(.reject(.paymentExpired), at: abandoned.updatedAt!) { abandoned.apply(event) }
        #expect(abandoned.status == .rejected && abandoned.payment == .notCharged)
        #expect(order.firstAnswer == .pending)
        #expect(order.payment == .unknown)
        #expect(order.wakeAt == Self.deadline)
        try order.handle(.confirmPayment(Self.charge))
        #expect(order.status == .paid)
        #expect(order.firstAnswer == .pending)
    }

    @Test(arguments: [
        (.insufficientStock([Shortage(sku: lamp, requested: 2, available: 1)]), .notCharged),
        (.declined(code: "card_declined"), .declined), (.paymentUnavailable, .unavailable),
        (.paymentExpired, .notCharged),
    ] as [(Rejection, PaymentStatus)])
    func aRejectedOrderSaysWhyAndWhereTheMoneyIs(rejection: Rejection, payment: PaymentStatus) throws {
        var order = try Self.order(after: [.reject(rejection)])
        #expect(order.status == .rejected)
        #expect(order.payment == payment)
        #expect(order.firstAnswer == .rejected(rejection))
        #expect(order.wakeAt == nil)
        #expect(try order.handle(.reject(.paymentExpired)).isEmpty)
        #expect(throws: Order.Refusal.illegalTransition(from: .rejected, .confirmPayment)) {
            try order.decide(.confirmPayment(Self.charge), at: .noon)
        }
    }

    @Test func anOrderIsChargedOnce() throws {
        var order = try Self.order(after: [.confirmPayment(Self.charge)])
        #expect(try order.handle(.confirmPayment(Self.charge)).isEmpty)
        #expect(throws: Order.Refusal.chargeConflict(Self.charge)) {
            try order.decide(.confirmPayment(ChargeID("ch_2")!), at: .noon)
        }
    }

    @Test func cancellingWaitsForThePaymentAndOwesItBack() throws {
        #expect(throws: Order.Refusal.paymentInProgress) {
            try Self.placed().decide(.cancel(reason: nil), at: .noon)
        }
        var order = try Self.order(after: [.confirmPayment(Self.charge)])
        #expect(
            try order.handle(.cancel(reason: "changed my mind")) == [
                .cancelled(reason: "changed my mind", refundDue: true, restock: false, at: .noon)
            ])
        #expect(order.payment == .refundPending)
        #expect(order.wakeAt == .noon)
        #expect(try order.handle(.cancel(reason: nil)).isEmpty)
        try order.handle(.confirmRefund(RefundID("re_1")!))
        #expect(order.status == .cancelled)
        #expect(order.payment == .refunded)
        #expect(order.wakeAt == nil)
        #expect(try order.handle(.confirmRefund(RefundID("re_1")!)).isEmpty)
    }

    @Test func cancellingAFulfilledOrderRestocks() throws {
        let order = try Self.order(after: [.confirmPayment(Self.charge), .fulfill])
        #expect(
            try order.decide(.cancel(reason: nil), at: .noon) == [
                .cancelled(reason: nil, refundDue: true, restock: true, at: .noon)
            ])
        let shipped = try Self.order(after: [.confirmPayment(Self.charge), .fulfill, .ship(tracking: nil)])
        #expect(throws: Order.Refusal.illegalTransition(from: .shipped, .cancel)) {
            try shipped.decide(.cancel(reason: nil), at: .noon)
        }
    }

    @Test func cancellingWhatCostNothingOwesNothing() throws {
        var order = Order(id: CommerceTests.order)
        try order.handle(.place(Self.placement([OrderLine(sku: lamp, quantity: 1, unitPrice: 0)])))
        try order.handle(.confirmPayment(Self.charge))
        try order.handle(.cancel(reason: nil))
        #expect(order.payment == .notCharged)
        #expect(order.wakeAt == nil)
    }

    @Test func aRefundIsOwedUntilTheProviderConfirmsIt() throws {
        var order = try Self.order(after: [.confirmPayment(Self.charge), .fulfill])
        #expect(throws: Order.Refusal.illegalTransition(from: .fulfilled, .confirmRefund)) {
            try order.decide(.confirmRefund(RefundID("re_1")!), at: .noon)
        }
        #expect(
            try order.handle(.refund(reason: nil, restock: false)) == [
                .refundRequested(reason: nil, restock: true, at: .noon)
            ])
        #expect(order.status == .fulfilled)
        #expect(order.wakeAt == .noon)
        #expect(throws: Order.Refusal.refundInProgress) { try order.decide(.ship(tracking: nil), at: .noon) }
        #expect(throws: Order.Refusal.refundInProgress) { try order.decide(.cancel(reason: nil), at: .noon) }
        #expect(try order.handle(.refund(reason: nil, restock: true)).isEmpty)
        try order.handle(.confirmRefund(RefundID("re_1")!))
        #expect(order.status == .refunded)
        #expect(order.payment == .refunded)
        #expect(order.wakeAt == nil)
    }

    /// The table, as a person reads it: what may be done in each status. Everything else is refused.
    static let legal: [OrderStatus: Set<OrderStep>] = [
        .placed: [.reject, .markPaymentUnknown, .confirmPayment, .correctAddress],
        .paid: [.fulfill, .cancel, .correctAddress],
        .fulfilled: [.correctAddress, .ship, .cancel, .refund, .refundPart, .confirmRefund, .confirmRefundPart],
        .shipped: [
            .deliver, .correctTracking, .refund, .refundPart, .confirmRefund, .confirmRefundPart, .erasePersonalData,
        ],
        .delivered: [
            .correctTracking, .refund, .refundPart, .confirmRefund, .confirmRefundPart, .erasePersonalData,
        ],
        .cancelled: [.confirmRefund, .confirmRefundPart, .erasePersonalData],
        .rejected: [.erasePersonalData],
        .refunded: [.erasePersonalData],
    ]

    @Test(arguments: OrderStatus.allCases)
    func nothingButTheTableIsLegal(status: OrderStatus) {
        for step in OrderStep.allCases {
            #expect((status.after(step) != nil) == Self.legal[status]!.contains(step), "\(status) \(step)")
        }
    }

    @Test(arguments: [
        ([], .lines),
        (
            [OrderLine](repeating: OrderLine(sku: lamp, quantity: 1, unitPrice: 1), count: Placement.linesMax + 1),
            .lines
        ),
        ([OrderLine(sku: lamp, quantity: 0, unitPrice: 1)], .quantity(line: 0)),
        ([OrderLine(sku: lamp, quantity: 1, unitPrice: 1), OrderLine(sku: mug, quantity: 1_000_001, unitPrice: 1)],
            .quantity(line: 1)),
        ([OrderLine(sku: lamp, quantity: 1, unitPrice: -1)], .unitPrice(line: 0)),
        ([OrderLine(sku: lamp, quantity: 1, unitPrice: 1_000_000_000_001)], .unitPrice(line: 0)),
        ([OrderLine](
            repeating: OrderLine(sku: lamp, quantity: 1_000_000, unitPrice: 1_000_000_000_000), count: 10), .total),
    ] as [([OrderLine], PlacementField)])
    func aPlacementOutsideTheLimitsNamesTheField(lines: [OrderLine], field: PlacementField) {
        #expect(throws: Order.Refusal.invalid(field)) {
            try Order(id: CommerceTests.order).decide(.place(Self.placement(lines)), at: .noon)
        }
    }

    @Test func nothingHappensToAnOrderThatWasNeverPlaced() {
        let order = Order(id: CommerceTests.order)
        for command: Order.Command in [.fulfill, .deliver, .cancel(reason: nil), .markPaymentUnknown] {
            #expect(throws: Order.Refusal.notPlaced) { try order.decide(command, at: .noon) }
        }
        #expect(order.contradiction(in: .fulfilled(at: .noon)) != nil)
    }

    @Test func aContradictionIsNamedBeforeItIsApplied() throws {
        let order = try Self.order(after: [.confirmPayment(Self.charge)])
        #expect(order.contradiction(in: .paid(Self.charge, at: .noon)) != nil, "a second charge")
        #expect(order.contradiction(in: .placed(Self.placement(), at: .noon)) != nil)
        #expect(order.contradiction(in: .refunded(RefundID("re_1")!, at: .noon)) != nil)
        #expect(order.contradiction(in: .fulfilled(at: .noon)) == nil)
    }
}
