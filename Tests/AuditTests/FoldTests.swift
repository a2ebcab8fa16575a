import Commerce
import EventSourcing
import Schema
import Testing

@testable import ActorSystem
@testable import Audit

@Suite("A fold") struct FoldTests {
    private func take<A: Judged>(
        _ fold: inout Fold<A>, _ id: A.ID, after version: UInt64, _ events: A.Event...
    ) throws -> [String] {
        var body = RecordBodyWriter(kinds: [A.kind])
        body.beginEntry(kind: A.kind, versionBefore: version, events: events.count) { id.encode(into: &$0) }
        for event in events { body.writeEvent { A.encode(event, into: &$0) } }
        var problems: [String] = []
        _ = fold.take(try RecordBody(body.bytes[...]).entries[0], at: Sample.noon, &problems)
        return problems
    }

    private let created = Product.Event.created(Sample.details(Sample.near), at: Sample.noon)

    @Test("counts the units of a product as the rules do, and keeps the bytes that they keep")
    func countsUnits() throws {
        var fold = Fold<Product>()
        var expected = Versioned<Product>(new: Sample.product)
        func step(_ events: Product.Event...) throws {
            for event in events {
                #expect(try take(&fold, Sample.product, after: expected.version, event) == [])
                expected.apply([event])
            }
            var bytes: [UInt8] = []
            expected.state.encodeState(into: &bytes)
            let entry = try #require(fold.entries[Sample.product])
            #expect(fold.isKept(entry, as: bytes[...]))
            #expect(entry.version == expected.version)
            #expect(fold[Sample.product] == expected.state)
        }
        func units(_ count: Int64) -> [SKUUnits] { [SKUUnits(sku: Sample.near, units: Units(count)!)] }
        try step(created)
        try step(.unitsSold(units(3)))
        try step(.unitsSold(units(124)), .unitsSold(units(1)))
        try step(.unitsSold(units(1_000_000_000_000)))
        try step(.unitsReturned(units(1_000_000_000_000)), .unitsReturned(units(500)))
        try step(.deactivated(at: Sample.noon), .unitsSold(units(1)))
    }

    @Test("finds what is wrong with an entry that only counts")
    func wrongCounts() throws {
        var fold = Fold<Product>()
        let sold = Product.Event.unitsSold([SKUUnits(sku: Sample.near, units: 1)])
        #expect(try take(&fold, Sample.otherProduct, after: 0, sold).count == 1)
        #expect(try take(&fold, Sample.product, after: 0, created, sold) == [])
        #expect(try take(&fold, Sample.product, after: 1, sold).count == 1)
        #expect(try take(&fold, Sample.product, after: 3, sold).count == 1)
        #expect(fold.version(of: Sample.product) == 4)
    }

    @Test("that is copied keeps what it has when the other goes on")
    func copies() throws {
        var fold = Fold<Order>()
        let placed = Order.Event.placed(Sample.placement([(Sample.near, 2)]), at: Sample.noon)
        #expect(try take(&fold, Sample.order(), after: 0, placed) == [])
        let copy = fold
        #expect(try take(&fold, Sample.order(), after: 1, .paid(Sample.charge, at: Sample.noon)) == [])
        #expect(fold[Sample.order()]?.status == .paid)
        #expect(copy[Sample.order()]?.status == .placed)
        #expect(try take(&fold, Sample.order(), after: 2, .fulfilled(at: Sample.noon)) == [])
        #expect(fold.idsInMotion == [])
        #expect(fold[Sample.order()]?.status == .fulfilled)
    }

    @Test("keeps states that grow and shrink again and again")
    func repacks() throws {
        var fold = Fold<Cart>()
        let ids = (0..<200).map { CustomerID(at: .zero, slot: Slot(0), random: $0 << 8) }
        var versions = [UInt64](repeating: 0, count: ids.count)
        let skus = (0..<200).map { SKU(String(repeating: "X", count: 60) + "\($0)")! }
        for round in 0..<4 {
            for (place, id) in ids.enumerated() {
                for sku in skus[..<(place % 40 + round)] {
                    let event = Cart.Event.itemSet(sku, Units(Int64(round + 1))!)
                    #expect(try take(&fold, id, after: versions[place], event) == [])
                    versions[place] += 1
                }
            }
        }
        for (place, id) in ids.enumerated() {
            let lines = place % 40 + 3
            #expect(fold[id]?.lines.count == lines)
            #expect(fold.version(of: id) == versions[place])
        }
    }
}
