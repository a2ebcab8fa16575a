import Commerce
import EventSourcing
import Testing

@testable import Audit

/// One damage for each judgement: each is seen, and named.
@Suite struct DamageTests {
    struct Damage: Sendable, CustomTestStringConvertible {
        let testDescription: String
        /// Part of what is said about it.
        let finding: String
        let write: @Sendable (inout ShopLog) -> Void

        init(_ name: String, _ finding: String, _ write: @escaping @Sendable (inout ShopLog) -> Void) {
            testDescription = name
            self.finding = finding
            self.write = write
        }
    }

    static let id = Sample.order()
    static let hold = ReservationID.order(Sample.order())
    static let manual = ReservationID.manual(HoldID(at: .zero, slot: Slot(0), random: 4))

    @Test("is found", arguments: stock + orders + ordersAgainstStock + keys + catalogue + accounts + webhooks + others)
    func found(damage: Damage) {
        var log = ShopLog()
        log.openShop()
        damage.write(&log)
        log.finish()
        #expect(log.findings.contains { $0.contains(damage.finding) }, "\(log.findings)")
    }

    // MARK: - Stock

    static let stock = [
        Damage("more held than there is", "on hand 100, reserved 101") {
            $0.place(1, [(Sample.near, 101)])
        },
        Damage("more gone than there was", "on hand -1, reserved 0") {
            $0.write(.init(Stock.self, Sample.near, .adjusted(delta: -101, reason: .count)))
        },
        Damage("a hold that is given up twice", "gave up 1, which it did not hold") {
            $0.write(.init(Stock.self, Sample.near, .reserved(manual, 1, until: $0.time + .seconds(60))))
            $0.write(.init(Stock.self, Sample.near, .released(manual, 1), .released(manual, 1)))
        },
        Damage("a hold that leaves in another number", "took 2, which it did not hold") {
            $0.write(.init(Stock.self, Sample.near, .reserved(manual, 1, until: $0.time + .seconds(60))))
            $0.write(.init(Stock.self, Sample.near, .fulfilled(manual, 2)))
        },
        Damage("one id that holds twice", "is held twice") {
            for _ in 0..<2 {
                $0.write(.init(Stock.self, Sample.near, .reserved(manual, 1, until: $0.time + .seconds(60))))
            }
        },
        Damage("a hold that lapses too early", "lapsed before its deadline") {
            $0.write(.init(Stock.self, Sample.near, .reserved(manual, 1, until: $0.time + .seconds(60))))
            $0.write(.init(Stock.self, Sample.near, .expired(manual, 1)))
        },
        Damage("a hold without a deadline and without an order", "held without a deadline and for no order") {
            $0.write(.init(Stock.self, Sample.near, .reserved(manual, 1, until: nil)))
        },
        Damage("an order's hold with a deadline", "and its order decides") {
            $0.write(.init(Stock.self, Sample.near, .reserved(hold, 1, until: $0.time + .seconds(60))))
        },
        Damage("more than any shelf holds", "more than the limit") {
            $0.write(.init(Stock.self, Sample.near, .received(.max, reference: nil)))
        },
    ]

    // MARK: - Orders

    static let orders = [
        Damage("an order that is placed twice", "placed twice") {
            $0.place(1, [(Sample.near, 1)])
            $0.write(.init(Order.self, id, .placed(Sample.placement([(Sample.near, 1)]), at: $0.time)))
        },
        Damage("a step that no order takes", "ship while placed") {
            $0.place(1, [(Sample.near, 1)])
            $0.write(.init(Order.self, id, .shipped(tracking: nil, at: $0.time)))
        },
        Damage("a second charge", "confirmPayment while paid") {
            $0.place(1, [(Sample.near, 1)])
            $0.pay(1)
            $0.pay(1, by: ChargeID("ch_2")!)
        },
        Damage("a charge that two orders share", "is paid by charge ch_1, which paid \(id)") {
            $0.place(1, [(Sample.near, 1)], keyUntil: $0.time + .milliseconds(1_500))
            $0.pay(1)
            $0.place(2, [(Sample.near, 1)])
            $0.pay(2)
        },
        Damage("a refund that is not owed", "a refund confirmed that was not owed") {
            $0.place(1, [(Sample.near, 2), (Sample.far, 3)])
            $0.pay(1)
            $0.fulfil(1, near: 2, far: 3)
            $0.write(.init(Order.self, id, .refunded(RefundID("re_1")!, at: $0.time)))
        },
        Damage("a refund of more than was paid", "501 refunded of 500") {
            $0.place(1, [(Sample.near, 2), (Sample.far, 3)])
            $0.pay(1)
            $0.fulfil(1, near: 2, far: 3)
            $0.write(
                .init(Order.self, id, .partRefundRequested(amount: 501, lines: [], reason: nil, at: $0.time)))
        },
    ]

    // MARK: - Orders against the stock

    static let ordersAgainstStock = [
        Damage("units held for no order", "stock is moved for \(id), which was never placed") {
            $0.write(.init(Stock.self, Sample.near, .reserved(hold, 1, until: nil)))
        },
        Damage("units held elsewhere for no order", "stock is moved for \(id), which was never placed") {
            $0.write(on: 1, .init(Stock.self, Sample.far, .reserved(hold, 1, until: nil)))
        },
        Damage("more held than was ordered", "2 of \(Sample.near) were held, and it ordered 1") {
            $0.place(1, [(Sample.near, 1)], holding: false)
            $0.write(.init(Stock.self, Sample.near, .reserved(hold, 2, until: nil)))
        },
        Damage("less held than was ordered", "1 of \(Sample.near) are held, and it ordered 2") {
            $0.place(1, [(Sample.near, 2)], holding: false)
            $0.write(.init(Stock.self, Sample.near, .reserved(hold, 1, until: nil)))
        },
        Damage("something held that was not ordered", "1 of \(Sample.far) were held, and it ordered 0") {
            $0.place(1, [(Sample.near, 1)])
            $0.write(on: 1, .init(Stock.self, Sample.far, .reserved(hold, 1, until: nil)))
        },
        Damage("a paid order without its units", "it is paid, and 0 of \(Sample.near) were held") {
            $0.place(1, [(Sample.near, 1)], holding: false)
            $0.pay(1)
        },
        Damage("a paid order without its units on another shard", "it is paid, and 0 of \(Sample.far) were held") {
            $0.place(1, [(Sample.near, 1), (Sample.far, 1)], holding: false)
            $0.write(.init(Stock.self, Sample.near, .reserved(hold, 1, until: nil)))
            $0.pay(1)
        },
        Damage("a rejected order that goes on holding", "are still held, and it is rejected") {
            $0.place(1, [(Sample.near, 1)])
            $0.write(.init(Order.self, id, .rejected(.paymentExpired, at: $0.time)))
        },
        Damage("a rejected order that goes on holding elsewhere", "are still held, and it is rejected") {
            $0.place(1, [(Sample.far, 1)])
            $0.write(.init(Order.self, id, .rejected(.paymentExpired, at: $0.time)))
            $0.write(on: 1, $0.position($0.last(), on: 1))
        },
        Damage("a consumer that came past an end without following it", "are still held, and it is rejected") {
            $0.place(1, [(Sample.far, 1)])
            $0.write(.init(Order.self, id, .rejected(.paymentExpired, at: $0.time)))
            let end = $0.last()
            $0.write($0.position(end, on: 0))
        },
        Damage("units that leave before the order says so", "1 of \(Sample.near) left, and 0 should have") {
            $0.place(1, [(Sample.near, 1)])
            $0.write(.init(Stock.self, Sample.near, .fulfilled(hold, 1)))
        },
        Damage("units that never leave", "still held, and it is fulfilled") {
            $0.place(1, [(Sample.near, 1)])
            $0.pay(1)
            $0.write(.init(Order.self, id, .fulfilled(at: $0.time)))
        },
        Damage("units that leave twice", "was held 2 times") {
            $0.place(1, [(Sample.far, 1)])
            $0.pay(1)
            $0.write(.init(Order.self, id, .fulfilled(at: $0.time)))
            $0.follow(.init(Stock.self, Sample.far, .fulfilled(hold, 1), .reserved(hold, 1, until: nil),
                .fulfilled(hold, 1)))
        },
        Damage("units that leave again when all was done", "1 of \(Sample.near) left, and 0 should have") {
            $0.place(1, [(Sample.near, 1)])
            $0.pay(1)
            $0.leave(1)
            $0.write(.init(Stock.self, Sample.near, .reserved(hold, 1, until: nil), .fulfilled(hold, 1)))
        },
        Damage("a hold that is given up though the order wants it", "was given up, and it is placed") {
            $0.place(1, [(Sample.near, 1)])
            $0.write(.init(Stock.self, Sample.near, .released(hold, 1)))
        },
        Damage("units that come back twice", "4 of \(Sample.near) came back, and it ordered 2") {
            $0.place(1, [(Sample.near, 2)])
            $0.pay(1)
            $0.leave(2)
            $0.write(.init(Order.self, id, .cancelled(reason: nil, refundDue: true, restock: true, at: $0.time)),
                .init(Stock.self, Sample.near, .restocked(2, id), .restocked(2, id)))
        },
        Damage("more that comes back than a part of the money is for", "2 of \(Sample.near) came back, and 1 should") {
            $0.place(1, [(Sample.near, 2)])
            $0.pay(1)
            $0.leave(2)
            let part = RefundLine(line: 0, quantity: 1, restock: true)
            $0.write(
                .init(Order.self, id, .partRefundRequested(amount: 100, lines: [part], reason: nil, at: $0.time)),
                .init(Stock.self, Sample.near, .restocked(2, id)))
        },
        Damage("units that come back unasked", "1 of \(Sample.near) came back, and 0 should have") {
            $0.place(1, [(Sample.near, 1)])
            $0.pay(1)
            $0.leave(1)
            $0.write(.init(Stock.self, Sample.near, .restocked(1, id)))
        },
        Damage("units that do not come back", "0 of \(Sample.near) came back, and 1 should have") {
            $0.place(1, [(Sample.near, 1)])
            $0.pay(1)
            $0.leave(1)
            $0.write(.init(Order.self, id, .cancelled(reason: nil, refundDue: true, restock: true, at: $0.time)))
        },
    ]

    // MARK: - Idempotency keys

    static let keys = [
        Damage("an order without a key", "\(id) is placed without its key") {
            $0.write(.init(Order.self, id, .placed(Sample.placement([(Sample.near, 1)]), at: $0.time)))
        },
        Damage("an order of staff without a key", "\(id) is placed without its key") {
            let placement = Sample.placement([(Sample.near, 1)], by: Sample.clerk)
            $0.write(.init(Order.self, id, .placed(placement, at: $0.time)))
        },
        Damage("a key for two orders", "claimed for \(Sample.order(2)), and it stands for \(id)") {
            $0.place(1, [(Sample.near, 1)])
            $0.place(2, [(Sample.near, 1)])
        },
        Damage("a key without its order", "stands for \(id), which is not there") {
            $0.write(.init(IdempotencyKey.self, Sample.key(), .claimed(Sample.claim(id))))
        },
        Damage("a key that is given up for an order that stands", "is given up, and it stands for \(id)") {
            $0.place(1, [(Sample.near, 1)])
            $0.write(.init(IdempotencyKey.self, Sample.key(), .released))
        },
        Damage("a key that is given up for an answer", "is given up, and it stands for an answer 204") {
            let claim = IdempotencyKey.Claim(
                fingerprint: Sample.digest(1), subject: .answer(status: 204, location: nil, body: []),
                expiresAt: $0.time + .seconds(60))
            $0.write(.init(IdempotencyKey.self, Sample.key(), .claimed(claim)))
            $0.write(.init(IdempotencyKey.self, Sample.key(), .released))
        },
        Damage("a key for an effect elsewhere and for an order", "and it stands for an effect at slot 1") {
            $0.write(.init(IdempotencyKey.self, Sample.key(), .claimed(Sample.claimElsewhere)))
            $0.place(1, [(Sample.near, 1)])
        },
        Damage("a key for an effect elsewhere that is here", "an effect at slot 2, which is on this shard") {
            let claim = IdempotencyKey.Claim(
                fingerprint: Sample.digest(9), subject: .elsewhere(Slot(2)), expiresAt: $0.time + .seconds(60))
            $0.write(.init(IdempotencyKey.self, Sample.key(), .claimed(claim)))
        },
        Damage("a free key that is given up", "given up, and it was free") {
            $0.write(.init(IdempotencyKey.self, Sample.key(), .released))
        },
        Damage("a key that has expired when it is claimed", "when it had expired already") {
            $0.place(1, [(Sample.near, 1)], keyUntil: $0.time)
        },
    ]
}

extension ShopLog {
    /// The order is fulfilled, and its units leave with the same record.
    fileprivate mutating func leave(_ units: Units) {
        let id = Sample.order()
        write(
            .init(Order.self, id, .fulfilled(at: time)), .init(Stock.self, Sample.near, .fulfilled(.order(id), units)))
    }
}
