import Commerce
import EventSourcing
import Testing

@Suite struct AccountTests {
    static let registration = Account.Registration(
        email: EmailAddress("ada@example.com")!, firstName: "Ada", lastName: "Lovelace",
        passwordHash: PasswordHash("scrypt$secret"))

    static func account() throws -> Account {
        var account = Account(id: customer)
        try account.handle(.register(registration))
        return account
    }

    @Test func registeringAgainStandsAndAnotherIsRefused() throws {
        var account = try Self.account()
        #expect(account.role == .customer)
        #expect(try account.handle(.register(Self.registration), at: .noon + .seconds(5)).isEmpty)
        let other = Account.Registration(
            email: EmailAddress("bob@example.com")!, firstName: "", lastName: "", passwordHash: PasswordHash("x"))
        #expect(throws: Account.Refusal.alreadyRegistered) { try account.decide(.register(other), at: .noon) }
    }

    @Test func changesAreRecordedOnce() throws {
        var account = try Self.account()
        try account.handle(.changePassword(PasswordHash("scrypt$new")))
        try account.handle(.grantRole(.staff))
        try account.handle(.rename(firstName: "A.", lastName: "L."))
        #expect(account.profile?.passwordHash.text == "scrypt$new")
        #expect(account.role == .staff)
        #expect(account.profile?.firstName == "A.")
        #expect(try account.handle(.grantRole(.staff)).isEmpty)
        #expect(try account.handle(.changePassword(PasswordHash("scrypt$new"))).isEmpty)
        #expect(try account.handle(.rename(firstName: "A.", lastName: "L.")).isEmpty)
    }

    @Test func limitsAreRefused() throws {
        let account = try Self.account()
        let long = String(repeating: "n", count: 101)
        #expect(throws: Account.Refusal.notRegistered) {
            try Account(id: customer).decide(.grantRole(.admin), at: .noon)
        }
        #expect(throws: Account.Refusal.invalidFirstName) {
            try account.decide(.rename(firstName: long, lastName: ""), at: .noon)
        }
        #expect(throws: Account.Refusal.invalidLastName) {
            try account.decide(.rename(firstName: "", lastName: "a\u{0}"), at: .noon)
        }
        #expect(throws: Account.Refusal.invalidPasswordHash) {
            try account.decide(.changePassword(PasswordHash("")), at: .noon)
        }
    }

    @Test func aPasswordHashIsNeverPrinted() throws {
        let account = try Self.account()
        var dumped = ""
        dump(account, to: &dumped)
        for text in ["\(account)", dumped, String(reflecting: Account.Event.passwordChanged(PasswordHash("secret")))] {
            #expect(!text.contains("secret"))
        }
    }
}

@Suite struct ClaimTests {
    let other = CustomerID(at: .noon, slot: Slot(9), random: 3 << 40)

    @Test func aNameHasOneHolder() throws {
        var claim = EmailClaim(id: EmailAddress("ada@example.com")!)
        try claim.handle(.claim(customer))
        #expect(try claim.handle(.claim(customer)).isEmpty)
        #expect(throws: EmailClaim.Refusal.taken(by: customer)) { try claim.decide(.claim(other), at: .noon) }
        #expect(throws: EmailClaim.Refusal.taken(by: customer)) { try claim.decide(.release(other), at: .noon) }
        try claim.handle(.release(customer))
        #expect(try claim.handle(.release(customer)).isEmpty)
        try claim.handle(.claim(other))
        #expect(claim.holder == other)
    }
}
