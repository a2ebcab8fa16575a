import Commerce
import EventSourcing
import Testing

@Suite struct MoneyTests {
    @Test func arithmeticIsExactOrNil() {
        let price = Money(amount: 1_250, currency: .gbp)
        #expect(price.multiplied(by: 3) == Money(amount: 3_750, currency: .gbp))
        #expect(price.adding(price) == Money(amount: 2_500, currency: .gbp))
        #expect(price.subtracting(price)?.amount == 0)
        #expect(Money(amount: .max, currency: .gbp).adding(Money(amount: 1, currency: .gbp)) == nil)
        #expect(Money(amount: .min, currency: .gbp).subtracting(Money(amount: 1, currency: .gbp)) == nil)
        #expect(Money(amount: .max / 2, currency: .gbp).multiplied(by: 3) == nil)
    }

    @Test func currenciesDoNotMix() {
        #expect(Money(amount: 1, currency: .gbp).adding(Money(amount: 1, currency: .eur)) == nil)
        #expect(Money(amount: 1, currency: .gbp).subtracting(Money(amount: 1, currency: .eur)) == nil)
    }

    @Test(arguments: [
        ("GBP", 2), ("JPY", 0), ("UYI", 0), ("ISK", 0), ("HUF", 2), ("KWD", 3), ("BHD", 3), ("LYD", 3), ("CLF", 4),
        ("UYW", 4), ("HRK", 2), ("XXX", nil), ("XAU", nil), ("ZZZ", nil),
    ])
    func currenciesKnowTheirMinorUnits(code: String, minorUnits: Int?) {
        #expect(Currency(code)?.minorUnits == minorUnits)
        #expect(Currency(code)?.description == code)
    }

    @Test(arguments: ["", "GB", "gbp", "GBPS", "G8P", "GB£", "G P"])
    func whatIsNoCurrencyCodeIsRefused(code: String) {
        #expect(Currency(code) == nil)
    }
}

@Suite struct UnitsTests {
    @Test func staysWithinItsRange() {
        for outside: Int64 in [-1, 1_000_000_000_001, .min, .max] { #expect(Units(outside) == nil) }
        #expect(Units.max.adding(1) == nil)
        #expect(Units.zero.subtracting(1) == nil)
        #expect(Units(5).adding(7) == 12)
    }
}

@Suite struct SKUTests {
    @Test(arguments: [
        "22941", "35004C", "POST", "BANK CHARGES", "gift_0001_20", "C2", "M", "DOT", "15056BL", "BENCH-000001",
        "a%b?c#d", String(repeating: "X", count: 64),
    ])
    func realStockCodesAreSKUs(code: String) {
        let sku = SKU(code)
        #expect(sku?.description == code)
        var bytes: [UInt8] = []
        sku?.encode(into: &bytes)
        #expect(SKU(encoded: bytes[...]) == sku)
    }

    @Test(arguments: [
        "", " ", " 22941", "22941 ", "a/b", "a\\b", "a\"b", "a'b", "a`b", "a\tb", "a\nb", "a\u{7f}b", "é", "a\u{0}",
        String(repeating: "X", count: 65),
    ])
    func whatBelongsInNoURLIsNone(code: String) {
        #expect(SKU(code) == nil)
        #expect(SKU(encoded: Array(code.utf8)[...]) == nil)
    }

    @Test func aCatalogueSKULivesWithTheCatalogue() {
        #expect(CatalogueSKU(lamp).slot == .catalogue)
        #expect(ProductID(at: .noon, random: 77).slot.shard(of: 5) == .catalogue)
        #expect(lamp.slot == Slot(hashing: "22941"))
    }
}

@Suite struct EmailAddressTests {
    @Test(arguments: [
        ("Ada@Example.COM", "ada@example.com"), ("  a.b+c@x-y.co \n", "a.b+c@x-y.co"),
        ("admin@localhost", "admin@localhost"),
    ])
    func oneAddressHasOneForm(text: String, normalised: String) {
        let email = EmailAddress(text)
        #expect(email?.description == normalised)
        #expect(email == EmailAddress(normalised))
        #expect(email?.slot == EmailAddress(normalised)?.slot)
    }

    @Test(arguments: [
        "", "@", "a@", "@b", "a@b@c", "a b@c.d", "a@b c", ".a@b.c", "a.@b.c", "a..b@c.d", "a@-b.c", "a@b-.c", "a@b..c",
        "a@.b", "a@b.", "\"a\"@b.c", "a@[127.0.0.1]", "ä@b.c", "a@bü.c", "a\u{0}@b.c", "a@b\r\nBcc: x",
        String(repeating: "a", count: 65) + "@b.c", "a@" + String(repeating: "b.", count: 130) + "c",
    ])
    func whatIsNoAddressIsRefused(text: String) {
        #expect(EmailAddress(text) == nil)
    }

    @Test func bytesHoldTheNormalisedFormOnly() {
        #expect(EmailAddress(encoded: Array("ada@example.com".utf8)[...]) != nil)
        #expect(EmailAddress(encoded: Array("Ada@example.com".utf8)[...]) == nil)
        #expect(EmailAddress(encoded: Array(" ada@example.com".utf8)[...]) == nil)
    }
}

@Suite struct IdentifierTests {
    @Test func reservationIDsReadTheirText() {
        let hold = HoldID(at: .noon, slot: Slot(3), random: 9 << 30)
        #expect(ReservationID(order.description) == .order(order))
        #expect(ReservationID(hold.description) == .manual(hold))
        #expect(ReservationID("cus_" + order.description.dropFirst(4)) == nil)
    }

    @Test func idsOfKeysAndPositionsSurviveTheirBytes() {
        let key = IdempotencyKeyID(slot: Slot(4_095), digest: digest(0xab))
        var bytes: [UInt8] = []
        key.encode(into: &bytes)
        #expect(IdempotencyKeyID(encoded: bytes[...]) == key)
        #expect(IdempotencyKeyID(encoded: bytes.dropLast()) == nil)
        bytes[0] = 0x10
        #expect(IdempotencyKeyID(encoded: bytes[...]) == nil, "a slot is below 4096")

        let position = ConsumerPositionID(consumer: .catalogue, source: ShardID(300), slot: Slot(2_049))
        bytes = []
        position.encode(into: &bytes)
        #expect(ConsumerPositionID(encoded: bytes[...]) == position)
        bytes[0] = 99
        #expect(ConsumerPositionID(encoded: bytes[...]) == nil)
    }

    @Test func aDigestKeepsItsBytesAndPrintsFewOfThem() {
        let bytes = (0..<32).map { UInt8($0 * 7 + 1) }
        #expect(Digest256(bytes)?.bytes == bytes)
        #expect(Digest256(bytes)?.description == "01080f16")
        #expect(Digest256(bytes.dropLast()) == nil)
    }
}
