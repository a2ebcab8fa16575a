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
        try account.handle(.changePassword(PasswordHash("scrypt$new"), keeping: nil))
        try account.handle(.grantRole(.staff))
        try account.handle(.rename(firstName: "A.", lastName: "L."))
        #expect(account.profile?.passwordHash.text == "scrypt$new")
        #expect(account.role == .staff)
        #expect(account.profile?.firstName == "A.")
        #expect(try account.handle(.grantRole(.staff)).isEmpty)
        #expect(try account.handle(.changePassword(PasswordHash("scrypt$new"), keeping: nil)).isEmpty)
        #expect(try account.handle(.rename(firstName: "A.", lastName: "L.")).isEmpty)
    }

    private static func session(_ random: UInt64, in epoch: UInt64) throws -> Session {
        var session = Session(id: SessionID(at: .noon, slot: customer.slot, random: random << 40))
        try session.handle(
            .open(
                Session.Opening(
                    customer: customer, token: SessionTests.token(0), expiresAt: SessionTests.expiry, userAgent: "",
                    epoch: epoch)))
        return session
    }

    @Test func aNewPasswordEndsAllSessionsButOneInItsOwnRecord() throws {
        var account = try Self.account()
        let (own, other) = (try Self.session(1, in: 0), try Self.session(2, in: 0))
        #expect(account.admits(own) && account.admits(other))
        let events = try account.handle(.changePassword(PasswordHash("scrypt$new"), keeping: own.id))
        #expect(events.last == .sessionsEnded(.passwordChanged, except: own.id, at: .noon))
        #expect(account.admits(own) && !account.admits(other))
        let later = try Self.session(3, in: account.sessions.number)
        #expect(account.admits(later))
        // What was kept once is not kept for ever.
        try account.handle(.changePassword(PasswordHash("scrypt$newer"), keeping: later.id))
        #expect(account.admits(later) && !account.admits(own) && !account.admits(other))
    }

    @Test func aLesserRoleEndsAllSessionsInItsOwnRecordAndAGreaterOneNone() throws {
        var account = try Self.account()
        let session = try Self.session(1, in: 0)
        #expect(try account.handle(.grantRole(.admin)) == [.roleGranted(.admin)])
        #expect(account.admits(session))
        #expect(
            try account.handle(.grantRole(.staff)) == [
                .roleGranted(.staff), .sessionsEnded(.revoked, except: nil, at: .noon),
            ])
        #expect(!account.admits(session))
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
            try account.decide(.changePassword(PasswordHash(""), keeping: nil), at: .noon)
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
