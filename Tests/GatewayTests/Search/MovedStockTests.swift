import ActorSystem
import CatalogueSearch
import Commerce
import EventSourcing
import Testing

@testable import Gateway

@Suite("What the search index is told of stock that has moved")
struct MovedStockTests {
    private static let sku = SKU("A")!
    private static let order = OrderID(at: .zero, slot: Slot(7), random: 1)
    private static let hold = ReservationID.order(order)

    /// What it is told once `events` have happened and units are there or not.
    private static func told(_ events: [[Stock.Event]], isAvailable: Bool) throws -> [CatalogueChange] {
        var moved = MovedStock()
        for (place, events) in events.enumerated() {
            let body = RecordBody.encode([.init(of: Stock.self, sku, versionBefore: UInt64(place), events: events)])
            try moved.note(JournalRecord(index: LogIndex(UInt64(place) + 1), time: .zero, bytes: body[...]))
        }
        #expect(moved.skus == [sku])
        return moved.changes([(sku, isAvailable)])
    }

    @Test("nothing, where units only went and some are left")
    func left() throws {
        let events: [[Stock.Event]] = [
            [.reserved(Self.hold, 1, until: nil)], [.fulfilled(Self.hold, 1)],
            [.adjusted(delta: -1, reason: .damage)],
        ]
        #expect(try Self.told(events, isAvailable: true).isEmpty)
    }

    @Test("that it is gone, whatever happened")
    func gone() throws {
        let change = CatalogueChange.availability(sku: "A", inStock: false)
        #expect(try Self.told([[.reserved(Self.hold, 1, until: nil)]], isAvailable: false) == [change])
        #expect(try Self.told([[.received(1, reference: nil)]], isAvailable: false) == [change])
    }

    @Test(
        "that it is there, where units came, be it before others went",
        arguments: [
            Stock.Event.received(1, reference: nil), .restocked(1, order), .released(hold, 1),
            .expired(hold, 1), .adjusted(delta: 1, reason: .count),
        ])
    func there(_ event: Stock.Event) throws {
        let change = CatalogueChange.availability(sku: "A", inStock: true)
        #expect(try Self.told([[event]], isAvailable: true) == [change])
        #expect(try Self.told([[event], [.reserved(Self.hold, 1, until: nil)]], isAvailable: true) == [change])
        #expect(try Self.told([[.fulfilled(Self.hold, 1), event]], isAvailable: true) == [change])
    }
}
