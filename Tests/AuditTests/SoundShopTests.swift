import Commerce
import EventSourcing
import Testing

@testable import Audit

/// Logs that break no promise.
@Suite struct SoundShopTests {
    @Test("a shop's whole life is sound, whichever shard is read first", arguments: [true, false])
    func wholeLife(isInOrder: Bool) {
        var log = ShopLog(isInOrder: isInOrder)
        log.openShop()
        log.place(1, [(Sample.near, 2), (Sample.far, 3)])
        log.pay(1)
        log.fulfil(1, near: 2, far: 3)
        log.write(.init(Order.self, Sample.order(), .shipped(tracking: "T", at: log.time)))
        log.write(.init(Order.self, Sample.order(), .refundRequested(reason: nil, restock: true, at: log.time)),
            .init(Stock.self, Sample.near, .restocked(2, Sample.order())))
        log.follow(.init(Stock.self, Sample.far, .restocked(3, Sample.order())))
        log.finish()
        #expect(log.findings == [])
        #expect(log.audit.unsettledOrders == [])
        #expect(log.audit.unitsOnHand == 200 && log.audit.unitsReserved == 0 && log.audit.charges == 1)
    }

    @Test("an account that is erased, and its address that another registers, are sound")
    func erasure() {
        var log = ShopLog()
        log.openShop()
        log.place(1, [(Sample.near, 2), (Sample.far, 3)])
        log.pay(1)
        log.fulfil(1, near: 2, far: 3)
        log.write(.init(Order.self, Sample.order(), .shipped(tracking: "T", at: log.time)))
        log.write(.init(Order.self, Sample.order(), .personalDataErased(at: log.time)))
        log.write(
            .init(
                Account.self, Sample.customer, .registered(Sample.registration, at: log.time)),
            .init(EmailClaim.self, Sample.email, .claimed(Sample.customer)))
        log.write(.init(Session.self, Sample.session, .opened(Sample.opening, at: log.time)))
        log.write(
            .init(
                Account.self, Sample.customer, .sessionsEnded(.revoked, except: nil, at: log.time),
                .erased(at: log.time)),
            .init(EmailClaim.self, Sample.email, .released(Sample.customer)),
            .init(LogIns.self, Sample.customer, .erased(at: log.time)))
        log.write(.init(Session.self, Sample.session, .ended(.loggedOut, at: log.time)))
        // The name has been forgotten: it begins anew.
        let next = CustomerID(at: .zero, slot: Sample.customer.slot, random: 12)
        log.write(
            .init(Account.self, next, .registered(Sample.registration, at: log.time)),
            .init(EmailClaim.self, Sample.email, after: 0, .claimed(next)))
        log.finish()
        #expect(log.findings == [])
    }

    @Test("an order that is refunded in parts, and then for the rest, is sound")
    func parts() {
        var log = ShopLog()
        log.openShop()
        log.place(1, [(Sample.near, 2), (Sample.far, 3)])
        log.pay(1)
        log.fulfil(1, near: 2, far: 3)
        let part = RefundLine(line: 0, quantity: 1, restock: true)
        log.write(
            .init(
                Order.self, Sample.order(),
                .partRefundRequested(amount: 100, lines: [part], reason: nil, at: log.time)),
            .init(Stock.self, Sample.near, .restocked(1, Sample.order())))
        log.write(.init(Order.self, Sample.order(), .partRefunded(RefundID("re_1")!, number: 1, at: log.time)))
        log.write(.init(Order.self, Sample.order(), .refundRequested(reason: nil, restock: true, at: log.time)),
            .init(Stock.self, Sample.near, .restocked(1, Sample.order())))
        log.follow(.init(Stock.self, Sample.far, .restocked(3, Sample.order())))
        log.finish()
        #expect(log.findings == [])
        #expect(log.audit.unsettledOrders == [] && log.audit.unitsOnHand == 200)
    }

    @Test("an order whose end another shard has yet to follow is sound, and unsettled")
    func pending() {
        var log = ShopLog()
        log.openShop()
        log.place(1, [(Sample.near, 2), (Sample.far, 3)])
        log.write(
            .init(Order.self, Sample.order(), .rejected(.paymentExpired, at: log.time)),
            .init(Stock.self, Sample.near, .released(.order(Sample.order()), 2)))
        log.finish()
        #expect(log.findings == [])
        #expect(log.audit.unsettledOrders == [Sample.order()])
        #expect(log.audit.unitsReserved == 3)
    }

    @Test("units that a late driver holds for an order that has ended are sound until the other shard has followed")
    func lateHold() {
        var log = ShopLog(isInOrder: true)
        log.openShop()
        log.place(1, [(Sample.far, 3)], holding: false)
        log.write(.init(Order.self, Sample.order(), .rejected(.paymentExpired, at: log.time)))
        let end = log.last()
        log.write(on: 1, .init(Stock.self, Sample.far, .reserved(.order(Sample.order()), 3, until: nil)))
        #expect(log.findings == [] && log.audit.unsettledOrders == [Sample.order()])
        log.write(
            on: 1, .init(Stock.self, Sample.far, .released(.order(Sample.order()), 3)), log.position(end, on: 1))
        log.finish()
        #expect(log.findings == [] && log.audit.unsettledOrders == [])
    }

    @Test("a key may be claimed anew once its life is over, or when nothing came of its order")
    func keysAgain() {
        var log = ShopLog()
        log.openShop()
        log.place(1, [(Sample.near, 1)], keyUntil: log.time + .seconds(2))
        log.write(
            .init(Order.self, Sample.order(), .rejected(.paymentUnavailable, at: log.time)),
            .init(Stock.self, Sample.near, .released(.order(Sample.order()), 1)))
        log.write(.init(IdempotencyKey.self, Sample.key(), .released))
        log.place(2, [(Sample.near, 1)], keyUntil: log.time + .seconds(2))
        log.time = log.time + .seconds(10)
        log.write(
            .init(Order.self, Sample.order(2), .rejected(.paymentExpired, at: log.time)),
            .init(Stock.self, Sample.near, .released(.order(Sample.order(2)), 1)))
        log.place(3, [(Sample.near, 1)])
        log.finish()
        #expect(log.findings == [])
    }

    @Test("a sender's key for an effect elsewhere is free once that was refused")
    func refusedElsewhere() {
        var log = ShopLog()
        log.openShop()
        log.write(.init(IdempotencyKey.self, Sample.key(), .claimed(Sample.claimElsewhere)))
        log.write(.init(IdempotencyKey.self, Sample.key(), .released))
        log.place(1, [(Sample.near, 1)])
        log.finish()
        #expect(log.findings == [])
    }

    @Test("what the stock of another shard did is judged at the end, though it was read first")
    func otherShardFirst() {
        var log = ShopLog()
        log.openShop()
        let id = Sample.order()
        log.write(on: 1, .init(Stock.self, Sample.far, .reserved(.order(id), 3, until: nil)))
        log.write(on: 1, .init(Stock.self, Sample.far, .fulfilled(.order(id), 3)), log.position(LogIndex(9), on: 1))
        log.place(1, [(Sample.far, 3)], holding: false)
        log.pay(1)
        while log.last() < LogIndex(8) { log.write(.init(Stock.self, Sample.near, .received(1, reference: nil))) }
        log.write(.init(Order.self, id, .fulfilled(at: log.time)))
        log.finish()
        #expect(log.findings == [])
        #expect(log.audit.unsettledOrders == [])
    }
}

// MARK: - What happens in a shop

extension ShopLog {
    /// A hundred of each SKU.
    mutating func openShop() {
        write(.init(Stock.self, Sample.near, .received(100, reference: nil)))
        write(on: 1, .init(Stock.self, Sample.far, .received(100, reference: nil)))
    }

    /// Places an order under the key of the sample, and holds what it wants on both shards.
    mutating func place(
        _ number: UInt64, _ lines: [(SKU, Int64)], keyUntil: Timestamp? = nil, holding: Bool = true,
        clearsCart: Bool = false
    ) {
        let id = Sample.order(number)
        let claim = Sample.claim(id, until: keyUntil ?? noonTomorrow)
        let key = Part(IdempotencyKey.self, Sample.key(), .claimed(claim))
        let order = Part(Order.self, id, .placed(Sample.placement(lines, clearsCart: clearsCart), at: time))
        if holding, let near = lines.first(where: { $0.0 == Sample.near }) {
            write(key, order, .init(Stock.self, near.0, .reserved(.order(id), Units(near.1)!, until: nil)))
        } else {
            write(key, order)
        }
        if holding, let far = lines.first(where: { $0.0 == Sample.far }) {
            write(on: 1, .init(Stock.self, far.0, .reserved(.order(id), Units(far.1)!, until: nil)))
        }
    }

    private var noonTomorrow: Timestamp { time + .seconds(86_400) }

    mutating func pay(_ number: UInt64, by charge: ChargeID = Sample.charge) {
        write(.init(Order.self, Sample.order(number), .paid(charge, at: time)))
    }

    mutating func fulfil(_ number: UInt64, near: Units, far: Units) {
        let id = Sample.order(number)
        write(
            .init(Order.self, id, .fulfilled(at: time)), .init(Stock.self, Sample.near, .fulfilled(.order(id), near)))
        follow(.init(Stock.self, Sample.far, .fulfilled(.order(id), far)))
    }

    /// The inventory consumer of shard 0 does on shard 1 what the newest record there asks for.
    mutating func follow(_ effect: Part) { write(on: 1, effect, position(last(), on: 1)) }

    func position(_ index: LogIndex, on shard: UInt16) -> Part {
        let id = ConsumerPositionID(consumer: .inventory, source: ShardID(0), slot: Slot(shard))
        return Part(ConsumerPosition.self, id, .advanced(to: index))
    }
}
