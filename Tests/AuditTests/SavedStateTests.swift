import Commerce
import EventSourcing
import Schema
import Testing

@testable import ActorSystem
@testable import Audit

/// Saved states: logs without a beginning go on from them, and none of them may say otherwise than the records.
@Suite struct SavedStateTests {
    /// Rows of the `state` database, in memory.
    struct Rows: StateStore {
        var rows: [[UInt8]: [UInt8]] = [:]

        mutating func save<A: Recorded>(_: A.Type, _ id: A.ID, index: UInt64, _ events: A.Event...) {
            var saved = Versioned<A>(new: id)
            saved.apply(events)
            saved.index = LogIndex(index)
            rows[StateKeys.state(A.self, id)] = saved.encoded()
        }

        func value(forKey key: [UInt8]) -> [UInt8]? { rows[key] }

        func rows(from lower: [UInt8], upTo upper: [UInt8], reversed: Bool, limit: Int) -> [StateRow] {
            let keys = rows.keys.filter { !$0.lexicographicallyPrecedes(lower) && $0.lexicographicallyPrecedes(upper) }
            return keys.sorted { $0.lexicographicallyPrecedes($1) }.prefix(limit).map {
                StateRow(key: $0, value: rows[$0]!)
            }
        }
    }

    private func saved(onHand: Int64 = 100) -> Rows {
        var rows = Rows()
        let placement = Sample.placement([(Sample.near, 2)])
        rows.save(
            Order.self, Sample.order(), index: 3, .placed(placement, at: Sample.noon),
            .paid(Sample.charge, at: Sample.noon))
        rows.save(
            Stock.self, Sample.near, index: 2, .received(Units(onHand)!, reference: nil),
            .reserved(.order(Sample.order()), 2, until: nil))
        return rows
    }

    /// A log of shard 0 that goes on behind the saved states.
    private func audit(_ write: (inout ShopLog) -> Void) throws -> ShopLog {
        var log = ShopLog()
        try log.begin(saved(), behind: 10)
        write(&log)
        log.finish()
        return log
    }

    @Test("a log without a beginning is sound when it goes on as its saved states say")
    func goesOn() throws {
        let log = try audit { log in
            log.write(
                .init(Order.self, Sample.order(), after: 2, .fulfilled(at: log.time)),
                .init(Stock.self, Sample.near, after: 2, .fulfilled(.order(Sample.order()), 2)))
        }
        #expect(log.findings == [])
        #expect(log.audit.unsettledOrders == [] && log.audit.unitsOnHand == 98 && log.audit.charges == 1)
    }

    @Test("an order is sound whose key was saved ahead of the record that places it")
    func keyAhead() throws {
        var rows = saved()
        rows.save(IdempotencyKey.self, Sample.key(2), index: 11, .claimed(Sample.claim(Sample.order(2))))
        var log = ShopLog()
        try log.begin(rows, behind: 10)
        log.write(
            .init(IdempotencyKey.self, Sample.key(2), .claimed(Sample.claim(Sample.order(2)))),
            .init(Order.self, Sample.order(2), .placed(Sample.placement([(Sample.near, 1)]), at: log.time)))
        log.finish()
        #expect(log.findings == [])
    }

    @Test("a hold out of a saved state that its order's end leaves standing is found")
    func leftStanding() throws {
        let log = try audit { log in
            log.write(.init(Order.self, Sample.order(), after: 2, .fulfilled(at: log.time)))
        }
        #expect(log.findings.contains { $0.contains("still held, and it is fulfilled") }, "\(log.findings)")
    }

    @Test("an order that was saved while its own shard was short, and is fulfilled without its units, is found")
    func fulfilledWithoutUnits() throws {
        var rows = Rows()
        rows.save(
            Order.self, Sample.order(), index: 3, .placed(Sample.placement([(Sample.near, 2)]), at: Sample.noon))
        rows.save(Stock.self, Sample.near, index: 2, .received(100, reference: nil))
        var log = ShopLog()
        try log.begin(rows, behind: 10)
        log.write(.init(Order.self, Sample.order(), after: 1, .paid(Sample.charge, at: log.time)))
        log.write(.init(Order.self, Sample.order(), after: 2, .fulfilled(at: log.time)))
        log.finish()
        #expect(log.findings.count == 1 && log.findings[0].contains("0 of \(Sample.near) left"), "\(log.findings)")
    }

    @Test("a saved product that says something else than the records is found, one that says the same is not")
    func differsAtRest() throws {
        for (sku, findings) in [(Sample.near, 0), (Sample.far, 1)] {
            var (log, rows) = (ShopLog(), Rows())
            log.write(
                .init(Product.self, Sample.product, .created(Sample.details(Sample.near), at: Sample.noon)),
                .init(SKUClaim.self, CatalogueSKU(Sample.near), .claimed(Sample.product)))
            rows.save(Product.self, Sample.product, index: 1, .created(Sample.details(sku), at: Sample.noon))
            try log.compare(rows)
            log.finish()
            #expect(log.findings.count == findings, "\(log.findings)")
            #expect(log.findings.allSatisfy { $0.contains("\(Sample.product): the saved state differs") })
        }
    }

    @Test("a saved state that differs from the records, is ahead of them or not among them is found")
    func differs() throws {
        for (rows, finding) in [
            (saved(onHand: 101), "the saved state differs from the log"),
            (saved(), "saved at version 2, the log ends at 1"),
        ] {
            var log = ShopLog()
            log.write(.init(Stock.self, Sample.near, .received(100, reference: nil)))
            if finding.hasPrefix("the") {
                log.place(1, [(Sample.near, 2)])
            }
            try log.compare(rows)
            #expect(log.findings.contains { $0.contains(finding) }, "\(log.findings)")
        }
        var log = ShopLog()
        try log.compare(saved())
        #expect(log.findings.contains { $0.contains("\(Sample.order()): saved, but not in the log") })
        #expect(log.findings.contains { $0.contains("\(Sample.near): saved, but not in the log") })
    }
}
