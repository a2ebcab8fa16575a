import Commerce
import EventSourcing
import Testing

@testable import Audit

/// The logs of one replica, which may know more of one shard than of another.
@Suite("The logs of one replica") struct ReplicaTests {
    private static let id = Sample.order()

    /// An order of both SKUs that the log of its shard does not have.
    private func unknownOrder(_ parts: ShopLog.Part...) -> ShopLog {
        var log = ShopLog()
        log.openShop()
        log.write(on: 1, .init(Stock.self, Sample.far, .reserved(.order(Self.id), 3, until: nil)))
        for part in parts { log.write(on: 1, part) }
        return log
    }

    @Test("may hold units for an order that is yet to come, which whole logs may not")
    func heldForUnknown() {
        var replica = unknownOrder()
        var whole = replica
        replica.finish(isReplica: true)
        #expect(replica.findings == [] && replica.unfitting.count == 1)
        whole.finish()
        #expect(whole.findings.count == 1 && whole.unfitting == [])
    }

    @Test("may not have moved units for an order that the consumer had come past", arguments: [1, 2])
    func takenForUnknown(records ahead: UInt64) {
        var log = unknownOrder()
        let place = LogIndex(log.last().rawValue + ahead - 1)
        log.write(
            on: 1, .init(Stock.self, Sample.far, .fulfilled(.order(Self.id), 3)), log.position(place, on: 1))
        log.finish(isReplica: true)
        #expect(log.findings.count == (ahead > 1 ? 0 : 1), "\(log.findings)")
        // The order, and the consumer's place.
        #expect(log.unfitting.count == (ahead > 1 ? 2 : 0), "\(log.unfitting)")
    }

    @Test("may have let units of a paid order leave behind the end of its log alone", arguments: [0, 1])
    func takenOfPaid(records ahead: UInt64) {
        var log = ShopLog()
        log.openShop()
        log.place(1, [(Sample.near, 2), (Sample.far, 3)])
        log.pay(1)
        let place = LogIndex(log.last().rawValue + ahead)
        log.write(
            on: 1, .init(Stock.self, Sample.far, .fulfilled(.order(Self.id), 3)), log.position(place, on: 1))
        log.finish(isReplica: true)
        #expect(log.findings.count == (ahead > 0 ? 0 : 1), "\(log.findings)")
        #expect(log.unfitting.count == (ahead > 0 ? 2 : 0), "\(log.unfitting)")
    }

    @Test("may lack the hold of a paid order, unless the consumer has come past its payment", arguments: [false, true])
    func notHeld(isFollowed: Bool) {
        var log = ShopLog()
        log.openShop()
        log.place(1, [(Sample.near, 2), (Sample.far, 3)], holding: false)
        log.write(.init(Stock.self, Sample.near, .reserved(.order(Self.id), 2, until: nil)))
        log.pay(1)
        if isFollowed { log.write(on: 1, log.position(log.last(), on: 1)) }
        log.finish(isReplica: true)
        #expect(log.findings.count == (isFollowed ? 1 : 0), "\(log.findings)")
        #expect(log.unfitting.count == (isFollowed ? 0 : 1), "\(log.unfitting)")
    }

    @Test("of one shard has to hold by itself")
    func ownShard() {
        var log = ShopLog()
        log.openShop()
        log.place(1, [(Sample.near, 2)], holding: false)
        log.pay(1)
        log.finish(isReplica: true)
        #expect(log.findings.count == 1 && log.unfitting == [])
    }
}
