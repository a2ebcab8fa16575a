import Commerce
import EventSourcing
import Testing

@Suite struct StockTests {
    let hold = HoldID(at: .noon, slot: Slot(1), random: 5 << 20)

    func stock(_ units: Units) throws -> Stock {
        var stock = Stock(id: lamp)
        try stock.handle(.receive(units, reference: nil))
        return stock
    }

    @Test func whatIsReservedIsNotAvailable() throws {
        var stock = try stock(10)
        try stock.handle(.reserve(.order(order), 4, until: nil))
        #expect(stock.onHand == 10)
        #expect(stock.reserved == 4)
        #expect(stock.available == 6)
        #expect(throws: Stock.Refusal.insufficientStock(available: 6)) {
            try stock.decide(.reserve(.manual(hold), 7, until: nil), at: .noon)
        }
    }

    @Test func aRepeatedReservationStandsAndAnotherConflicts() throws {
        var stock = try stock(10)
        try stock.handle(.reserve(.order(order), 4, until: nil))
        #expect(try stock.handle(.reserve(.order(order), 4, until: nil)).isEmpty)
        #expect(throws: Stock.Refusal.reservationConflict(units: 4)) {
            try stock.decide(.reserve(.order(order), 5, until: nil), at: .noon)
        }
    }

    @Test func fulfilledUnitsLeaveAndReleasedOnesStay() throws {
        var stock = try stock(10)
        try stock.handle(.reserve(.order(order), 4, until: nil))
        #expect(try stock.handle(.fulfill(.order(order))) == [.fulfilled(.order(order), 4)])
        #expect(stock.onHand == 6)
        #expect(stock.reserved == 0)
        try stock.handle(.reserve(.order(order), 2, until: nil))
        #expect(try stock.handle(.release(.order(order))) == [.released(.order(order), 2)])
        #expect(stock.onHand == 6)
        try stock.handle(.restock(4, order))
        #expect(stock.onHand == 10)
    }

    @Test func anOrderMayFulfilAndReleaseAgainButAManualHoldMustStand() throws {
        var stock = try stock(1)
        #expect(try stock.handle(.fulfill(.order(order))).isEmpty)
        #expect(try stock.handle(.release(.order(order))).isEmpty)
        #expect(try stock.handle(.release(.manual(hold))).isEmpty)
        #expect(throws: Stock.Refusal.reservationNotHeld) { try stock.decide(.fulfill(.manual(hold)), at: .noon) }
    }

    @Test func aHoldLapsesByTheTimeOfTheLog() throws {
        var stock = try stock(5)
        let until = Timestamp.noon + .seconds(60)
        try stock.handle(.reserve(.manual(hold), 5, until: until))
        #expect(stock.wakeAt == until)
        #expect(try stock.handle(.expire, at: until + .microseconds(-1)).isEmpty)
        #expect(try stock.handle(.expire, at: until) == [.expired(.manual(hold), 5)])
        #expect(stock.available == 5)
        #expect(stock.wakeAt == nil)
    }

    @Test func aLapsedHoldStandsInNobodysWay() throws {
        var stock = try stock(5)
        let until = Timestamp.noon + .seconds(60)
        try stock.handle(.reserve(.manual(hold), 5, until: until))
        #expect(throws: Stock.Refusal.reservationNotHeld) { try stock.decide(.fulfill(.manual(hold)), at: until) }
        #expect(
            try stock.handle(.reserve(.order(order), 3, until: nil), at: until) == [
                .expired(.manual(hold), 5), .reserved(.order(order), 3, until: nil),
            ])
    }

    @Test func theNextDeadlineIsTheEarliest() throws {
        var stock = try stock(50)
        let holds = (0..<5).map { HoldID(at: .noon, slot: Slot(1), random: UInt64($0) << 20) }
        for (place, hold) in holds.enumerated() {
            let until = Timestamp.noon + .seconds([30, 10, 40, 20, 50][place])
            try stock.handle(.reserve(.manual(hold), 1, until: until))
        }
        #expect(stock.wakeAt == .noon + .seconds(10))
        try stock.handle(.release(.manual(holds[1])))
        #expect(stock.wakeAt == .noon + .seconds(20))
        try stock.handle(.expire, at: .noon + .seconds(35))
        #expect(stock.held.map(\.id) == [.manual(holds[2]), .manual(holds[4])])
    }

    @Test func expiryComesInSlices() throws {
        var stock = try stock(5_000)
        let until = Timestamp.noon + .seconds(1)
        for number in 0..<1_500 {
            let hold = HoldID(at: .noon, slot: Slot(1), random: UInt64(number) << 2)
            try stock.handle(.reserve(.manual(hold), 1, until: until))
        }
        #expect(try stock.handle(.expire, at: until).count == Stock.expiriesMax)
        #expect(stock.wakeAt == until)
        #expect(try stock.handle(.expire, at: until).count == 500)
    }

    @Test func adjustmentsKeepWhatIsReserved() throws {
        var stock = try stock(10)
        try stock.handle(.reserve(.order(order), 4, until: nil))
        #expect(throws: Stock.Refusal.wouldGoBelowReserved(reserved: 4)) {
            try stock.decide(.adjust(delta: -7, reason: .damage), at: .noon)
        }
        #expect(throws: Stock.Refusal.wouldGoBelowReserved(reserved: 4)) {
            try stock.decide(.adjust(delta: .min, reason: .damage), at: .noon)
        }
        try stock.handle(.adjust(delta: -6, reason: .theft))
        #expect(stock.available == 0)
        #expect(throws: Stock.Refusal.quantityZero) { try stock.decide(.adjust(delta: 0, reason: .count), at: .noon) }
        #expect(throws: Stock.Refusal.limitExceeded(.onHand)) {
            try stock.decide(.adjust(delta: .max, reason: .count), at: .noon)
        }
    }

    @Test func compareAndSetRefusesAStaleExpectation() throws {
        var stock = try stock(10)
        #expect(throws: Stock.Refusal.stale(onHand: 10)) {
            try stock.decide(.set(to: 3, expected: 9, reason: .count), at: .noon)
        }
        #expect(try stock.handle(.set(to: 3, expected: 10, reason: .count)) == [.adjusted(delta: -7, reason: .count)])
        #expect(try stock.handle(.set(to: 3, expected: 3, reason: .count)).isEmpty)
    }

    @Test func limitsAreRefused() throws {
        let stock = try stock(10)
        let until = Timestamp.noon
        #expect(throws: Stock.Refusal.deadlinePassed) {
            try stock.decide(.reserve(.manual(hold), 1, until: until), at: .noon)
        }
        #expect(throws: Stock.Refusal.quantityZero) { try stock.decide(.receive(0, reference: nil), at: .noon) }
        #expect(throws: Stock.Refusal.quantityZero) {
            try stock.decide(.reserve(.manual(hold), 0, until: nil), at: .noon)
        }
        #expect(throws: Stock.Refusal.limitExceeded(.onHand)) {
            try stock.decide(.receive(.max, reference: nil), at: .noon)
        }
        #expect(throws: Stock.Refusal.limitExceeded(.reference)) {
            try stock.decide(.receive(1, reference: String(repeating: "r", count: 201)), at: .noon)
        }
        #expect(throws: Stock.Refusal.limitExceeded(.note)) {
            try stock.decide(.adjust(delta: 1, reason: .other("two\nlines")), at: .noon)
        }
    }

    @Test func aContradictionIsNamedBeforeItIsApplied() throws {
        let stock = try stock(10)
        #expect(stock.contradiction(in: .reserved(.order(order), 11, until: nil)) != nil)
        #expect(stock.contradiction(in: .fulfilled(.order(order), 1)) != nil)
        #expect(stock.contradiction(in: .adjusted(delta: -11, reason: .count)) != nil)
        #expect(stock.contradiction(in: .adjusted(delta: .min, reason: .count)) != nil)
        #expect(stock.contradiction(in: .received(.max, reference: nil)) != nil)
        #expect(stock.contradiction(in: .reserved(.order(order), 10, until: nil)) == nil)
    }
}
