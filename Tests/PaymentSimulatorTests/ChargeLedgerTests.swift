import Testing

@testable import payment_simulator

@Suite("Charge ledger")
struct ChargeLedgerTests {
    private let parameters = ChargeParameters(orderID: "ord_1", amount: 100, currency: "GBP", paymentMethod: "pm_card")

    @Test("a key has one charge, and counts how often it was asked for")
    func oneCharge() throws {
        var ledger = ChargeLedger()
        let first = try ledger.charge("k", parameters)
        let second = try ledger.charge("k", parameters)
        #expect(first.value.id == second.value.id)
        #expect(!first.isReplay && second.isReplay)
        #expect(ledger.charges.map(\.attempts) == [2])
        #expect(ledger.summary == Summary(charges: 1, ordersCharged: 1, amount: 100))
    }

    @Test("another request under a key is refused")
    func reuse() throws {
        var ledger = ChargeLedger()
        _ = try ledger.charge("k", parameters)
        var other = parameters
        other.amount = 101
        #expect(throws: Refusal.keyReused) { try ledger.charge("k", other) }
        #expect(ledger.summary.charges == 1)
    }

    @Test("an order charged under two keys shows in the summary")
    func doubleCharge() throws {
        var ledger = ChargeLedger()
        for key in ["a", "b", "c"] { _ = try ledger.charge(key, parameters) }
        #expect(ledger.summary == Summary(charges: 3, ordersCharged: 1, ordersChargedMoreThanOnce: 1, amount: 300))
    }

    @Test("a declined charge moves no money and may not be refunded")
    func declined() throws {
        var ledger = ChargeLedger()
        let charge = try ledger.charge("k", parameters, declines: true).value
        #expect(charge.status == .declined)
        #expect(try ledger.void("k") == .charge(charge))
        #expect(throws: Refusal.chargeDeclined) { try ledger.refund("r", of: charge.id, 1) }
        #expect(ledger.summary == Summary(declined: 1))
    }

    @Test("a voided key refuses a late charge, for ever")
    func fence() throws {
        var ledger = ChargeLedger()
        #expect(ledger.lookUp("k") == nil)
        #expect(try ledger.void("k") == .fenced)
        #expect(try ledger.void("k") == .fenced)
        #expect(throws: Refusal.voided) { try ledger.charge("k", parameters) }
        #expect(ledger.lookUp("k") == .fenced)
        #expect(ledger.summary == Summary(voided: 1))
    }

    @Test("voiding a charge pays back what was not paid back before, once")
    func void() throws {
        var ledger = ChargeLedger()
        let charge = try ledger.charge("k", parameters).value
        _ = try ledger.refund("r", of: charge.id, 30)
        _ = try ledger.void("k")
        _ = try ledger.void("k")
        #expect(ledger.charges.map(\.refunded) == [100])
        #expect(ledger.summary.amountRefunded == 100)
        #expect(throws: Refusal.voided) { try ledger.charge("k", parameters) }
        #expect(throws: Refusal.voided) { try ledger.refund("r2", of: charge.id, 1) }
    }

    @Test("refunds never exceed the charge, and a key has one")
    func refunds() throws {
        var ledger = ChargeLedger()
        let charge = try ledger.charge("k", parameters).value
        let first = try ledger.refund("r1", of: charge.id, 60)
        #expect(try ledger.refund("r1", of: charge.id, 60).value.id == first.value.id)
        #expect(throws: Refusal.keyReused) { try ledger.refund("r1", of: charge.id, 40) }
        #expect(throws: Refusal.refundTooLarge) { try ledger.refund("r2", of: charge.id, 41) }
        _ = try ledger.refund("r2", of: charge.id, 40)
        #expect(throws: Refusal.chargeNotFound) { try ledger.refund("r3", of: "ch_other", 1) }
        #expect(ledger.summary.amountRefunded == 100)
    }

    @Test("a full ledger refuses what is new and answers what it knows")
    func full() throws {
        var ledger = ChargeLedger(entriesMax: 1)
        let charge = try ledger.charge("k", parameters).value
        #expect(throws: Refusal.ledgerFull) { try ledger.charge("l", parameters) }
        #expect(throws: Refusal.ledgerFull) { try ledger.void("l") }
        #expect(throws: Refusal.ledgerFull) { try ledger.refund("r", of: charge.id, 1) }
        #expect(try ledger.charge("k", parameters).isReplay)
    }

    @Test("its events rebuild it")
    func replay() throws {
        var ledger = ChargeLedger()
        let charge = try ledger.charge("k", parameters).value
        _ = try ledger.charge("k", parameters)
        _ = try ledger.charge("d", parameters, declines: true)
        _ = try ledger.refund("r", of: charge.id, 10)
        _ = try ledger.refund("r", of: charge.id, 10)
        _ = try ledger.void("k")
        _ = try ledger.void("never")
        var rebuilt = ChargeLedger()
        for event in ledger.takeUnsaved() { rebuilt.apply(event) }
        #expect(rebuilt.charges == ledger.charges)
        #expect(rebuilt.refunds == ledger.refunds)
        #expect(rebuilt.fenced == ledger.fenced)
        #expect(rebuilt.summary == ledger.summary)
        #expect(ledger.takeUnsaved().isEmpty)
    }
}

extension ChargeLedger {
    fileprivate mutating func charge(
        _ key: String, _ parameters: ChargeParameters, declines: Bool = false
    ) throws(Refusal) -> Answer<Charge> {
        try charge(parameters, key: key, id: "ch_\(key)", at: "2026-01-01T00:00:00Z") { declines }
    }

    fileprivate mutating func refund(
        _ key: String, of charge: String, _ amount: Int64
    ) throws(Refusal) -> Answer<Refund> {
        try refund(
            RefundParameters(chargeID: charge, amount: amount), key: key, id: "re_\(key)", at: "2026-01-01T00:00:00Z")
    }
}
