import Commerce
import EventSourcing
import Testing

/// Money that goes back in parts.
@Suite struct RefundTests {
    private static let names = (1...9).map { RefundID("re_\($0)")! }

    /// Four lamps at 250 and, on two lines, a mug at 100 and two at 90: 1280 in all.
    private static func order(after later: [Order.Command] = [.fulfill]) throws -> Order {
        var order = Order(id: CommerceTests.order)
        try order.handle(
            .place(
                OrderTests.placement([
                    OrderLine(sku: lamp, quantity: 4, unitPrice: 250), OrderLine(sku: mug, quantity: 1, unitPrice: 100),
                    OrderLine(sku: mug, quantity: 2, unitPrice: 90),
                ])))
        try order.handle(.confirmPayment(OrderTests.charge))
        for command in later { try order.handle(command) }
        return order
    }

    private static func part(_ amount: Int64) -> Order.Command { .refundPart(.amount(amount), reason: nil) }
    private static func part(_ items: RefundItem...) -> Order.Command { .refundPart(.items(items), reason: nil) }

    @Test(arguments: [[], [.ship(tracking: nil)], [.ship(tracking: nil), .deliver]] as [[Order.Command]])
    func partsLeaveTheStatusUntilEverythingIsPaidBack(later: [Order.Command]) throws {
        var order = try Self.order(after: [.fulfill] + later)
        let status = order.status
        for (number, amount) in [(1, 300), (2, 80)] as [(Int, Int64)] {
            #expect(
                try order.handle(Self.part(amount)) == [
                    .partRefundRequested(amount: amount, lines: [], reason: nil, at: .noon)
                ])
            #expect(order.payment == .refundPending && order.wakeAt == .noon && order.owedRefund(after: 0) == number)
            #expect(
                try order.handle(.confirmRefund(Self.names[number], number: number)) == [
                    .partRefunded(Self.names[number], number: number, at: .noon)
                ])
            #expect(try order.handle(.confirmRefund(Self.names[number], number: number)).isEmpty)
            #expect(order.payment == .partlyRefunded && order.status == status && order.wakeAt == nil)
        }
        #expect(order.refunded == 380 && order.refundable == 900)
        for amount in [901, .max] as [Int64] {
            #expect(throws: Order.Refusal.refundExceedsPayment(left: 900)) {
                try order.decide(Self.part(amount), at: .noon)
            }
        }
        #expect(throws: Order.Refusal.invalid(.refundAmount)) { try order.decide(Self.part(0), at: .noon) }
        try order.handle(Self.part(900))
        #expect(throws: Order.Refusal.refundInProgress) { try order.decide(Self.part(1), at: .noon) }
        #expect(try order.handle(.confirmRefund(Self.names[3], number: 3)) == [.refunded(Self.names[3], at: .noon)])
        #expect(order.status == .refunded && order.payment == .refunded && order.refunded == 1_280)
        #expect(throws: Order.Refusal.illegalTransition(from: .refunded, .refundPart)) {
            try order.decide(Self.part(1), at: .noon)
        }
        #expect(try order.handle(.refund(reason: nil, restock: true)).isEmpty)
    }

    @Test func linesCostWhatTheyWereBoughtForAndAreTakenInTheirOrder() throws {
        var order = try Self.order()
        let first = try order.handle(Self.part(RefundItem(sku: mug, quantity: 2), RefundItem(sku: lamp, quantity: 1)))
        let lines = [
            RefundLine(line: 1, quantity: 1, restock: true), RefundLine(line: 2, quantity: 1, restock: true),
            RefundLine(line: 0, quantity: 1, restock: true),
        ]
        #expect(first == [.partRefundRequested(amount: 440, lines: lines, reason: nil, at: .noon)])
        #expect(throws: Order.Refusal.refundExceedsLines(item: 1, left: 1)) {
            try order.decide(
                Self.part(RefundItem(sku: lamp, quantity: 3), RefundItem(sku: mug, quantity: 2)), at: .noon)
        }
        // One SKU said twice is taken twice.
        #expect(throws: Order.Refusal.refundExceedsLines(item: 1, left: 0)) {
            try order.decide(
                Self.part(RefundItem(sku: mug, quantity: 1), RefundItem(sku: mug, quantity: 1)), at: .noon)
        }
        #expect(throws: Order.Refusal.invalid(.refundSKU(item: 0))) {
            try order.decide(Self.part(RefundItem(sku: SKU("X")!, quantity: 1)), at: .noon)
        }
        #expect(throws: Order.Refusal.invalid(.refundQuantity(item: 0))) {
            try order.decide(Self.part(RefundItem(sku: mug, quantity: 0)), at: .noon)
        }
        #expect(throws: Order.Refusal.invalid(.refundItems)) { try order.decide(Self.part(), at: .noon) }
        try order.handle(Self.part(RefundItem(sku: mug, quantity: 1), RefundItem(sku: lamp, quantity: 3)))
        #expect(order.refundable == 0 && order.holdsLeft.isEmpty)
    }

    /// What has not left the house comes back unless it is said to be gone; what has left it stays away unless it is
    /// said to be back.
    @Test func eachLineSaysWhetherItComesBack() throws {
        for (later, expected) in [([], true), ([.ship(tracking: nil)], false)] as [([Order.Command], Bool)] {
            var order = try Self.order(after: [.fulfill] + later)
            let events = try order.handle(
                Self.part(
                    RefundItem(sku: lamp, quantity: 1), RefundItem(sku: lamp, quantity: 1, restock: true),
                    RefundItem(sku: mug, quantity: 3, restock: false)))
            guard case .partRefundRequested(_, let lines, _, _)? = events.first else { throw NoRefund() }
            #expect(lines.map(\.restock) == [expected, true, false, false])
            #expect(order.unitsRestocked(by: lines) == [SKUUnits(sku: lamp, units: expected ? 2 : 1)])
            #expect(order.holdsLeft == [SKUUnits(sku: lamp, units: 2)])
            #expect(order.holdsKept.contains(SKUUnits(sku: mug, units: 3)))
        }
    }

    struct NoRefund: Error {}

    /// A sum given for a late parcel is not given again with the goods.
    @Test func linesThatCostMoreThanIsLeftAreRefused() throws {
        let order = try Self.order(after: [.fulfill, Self.part(1_000)])
        #expect(throws: Order.Refusal.refundExceedsPayment(left: 280, ofLines: true)) {
            try order.decide(Self.part(RefundItem(sku: lamp, quantity: 2)), at: .noon)
        }
        #expect(try order.decide(Self.part(RefundItem(sku: lamp, quantity: 1)), at: .noon).count == 1)
    }

    @Test func theRestIsWhatNoPartHasPaidBack() throws {
        var order = try Self.order(after: [.fulfill, Self.part(100), Self.part(RefundItem(sku: lamp, quantity: 1))])
        try order.handle(.refund(reason: nil, restock: true))
        #expect(order.refunds.map(\.amount) == [100, 250, 930])
        #expect(order.holdsLeft.contains(SKUUnits(sku: lamp, units: 3)))
        #expect(try order.handle(.refund(reason: nil, restock: true)).isEmpty)
        #expect(throws: Order.Refusal.refundInProgress) { try order.decide(.ship(tracking: nil), at: .noon) }
        // The provider may confirm them in any order; the last one confirmed ends it.
        for number in [3, 1] {
            try order.handle(.confirmRefund(Self.names[number], number: number))
            #expect(order.status == .fulfilled && order.payment == .refundPending)
        }
        try order.handle(.confirmRefund(Self.names[2], number: 2))
        #expect(order.status == .refunded && order.payment == .refunded && order.refunded == 1_280)
    }

    @Test func aPartOnItsWayBackStopsNeitherShippingNorCancelling() throws {
        var order = try Self.order(after: [.fulfill, Self.part(RefundItem(sku: lamp, quantity: 1))])
        #expect(try order.decide(.ship(tracking: nil), at: .noon).count == 1)
        try order.handle(.cancel(reason: nil))
        #expect(order.refunds.map(\.amount) == [250, 1_030] && order.payment == .refundPending)
        #expect(order.holdsLeft.contains(SKUUnits(sku: lamp, units: 3)))
        #expect(throws: Order.Refusal.illegalTransition(from: .cancelled, .refundPart)) {
            try order.decide(Self.part(1), at: .noon)
        }
        try order.handle(.confirmRefund(Self.names[1], number: 1))
        try order.handle(.confirmRefund(Self.names[2], number: 2))
        #expect(order.status == .cancelled && order.payment == .refunded && order.refunded == 1_280)
    }

    @Test func nothingIsRefundedBeforeTheOrderIsFulfilled() throws {
        let paid = try Self.order(after: [])
        #expect(throws: Order.Refusal.illegalTransition(from: .paid, .refundPart)) {
            try paid.decide(Self.part(1), at: .noon)
        }
    }

    @Test func goodsThatCostNothingComeBackWithoutMoney() throws {
        var order = Order(id: CommerceTests.order)
        try order.handle(.place(OrderTests.placement([OrderLine(sku: lamp, quantity: 2, unitPrice: 0)])))
        for command in [.confirmPayment(OrderTests.charge), .fulfill] as [Order.Command] { try order.handle(command) }
        try order.handle(Self.part(RefundItem(sku: lamp, quantity: 1)))
        try order.handle(.confirmRefund(Self.names[1], number: 1))
        #expect(order.status == .fulfilled && order.payment == .paid)
        try order.handle(Self.part(RefundItem(sku: lamp, quantity: 1)))
        try order.handle(.confirmRefund(Self.names[2], number: 2))
        #expect(order.status == .refunded)
    }

    @Test func afterAHundredPartsOnlyTheRestIsLeft() throws {
        var order = try Self.order()
        for _ in 0..<Order.refundsMax { try order.handle(Self.part(1)) }
        #expect(throws: Order.Refusal.tooManyRefunds) { try order.decide(Self.part(1), at: .noon) }
        try order.handle(.refund(reason: nil, restock: false))
        #expect(order.refundable == 0)
    }

    @Test func aRefundThatCannotBeIsNamedBeforeItIsApplied() throws {
        let order = try Self.order(after: [.fulfill, Self.part(RefundItem(sku: lamp, quantity: 3))])
        let wrong: [Order.Event] = [
            .partRefundRequested(amount: 531, lines: [], reason: nil, at: .noon),
            .partRefundRequested(amount: -1, lines: [], reason: nil, at: .noon),
            .partRefundRequested(
                amount: 500, lines: [RefundLine(line: 0, quantity: 2, restock: true)], reason: nil, at: .noon),
            .partRefundRequested(
                amount: 90, lines: [RefundLine(line: 1, quantity: 1, restock: true)], reason: nil, at: .noon),
            .partRefundRequested(
                amount: 0, lines: [RefundLine(line: 9, quantity: 1, restock: true)], reason: nil, at: .noon),
            .partRefunded(Self.names[1], number: 2, at: .noon), .partRefunded(Self.names[1], number: 0, at: .noon),
            // Money is left: the order is not refunded yet.
            .refunded(Self.names[1], at: .noon),
        ]
        for event in wrong { #expect(order.contradiction(in: event) != nil, "\(event)") }
        #expect(order.contradiction(in: .partRefunded(Self.names[1], number: 1, at: .noon)) == nil)
    }
}
