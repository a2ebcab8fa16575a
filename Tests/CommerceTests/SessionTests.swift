import Commerce
import EventSourcing
import Testing

@Suite struct SessionTests {
    static let expiry = Timestamp.noon + .seconds(1_000)

    static func token(_ rotation: UInt8, family: UInt8 = 0xff) -> RefreshTokenDigest {
        RefreshTokenDigest(family: digest(family), rotation: digest(rotation))
    }

    static func session() throws -> Session {
        var session = Session(id: SessionID(at: .noon, slot: customer.slot, random: 4 << 40))
        try session.handle(
            .open(Session.Opening(customer: customer, token: token(0), expiresAt: expiry, userAgent: "curl/8")))
        return session
    }

    @Test func eachTokenIsGoodOnce() throws {
        var session = try Self.session()
        let later = Timestamp.noon + .seconds(10)
        #expect(try session.handle(.rotate(presented: Self.token(0), replacement: digest(1)), at: later).count == 1)
        #expect(session.generation == 1)
        #expect(session.lastSeenAt == later)
        try session.handle(.rotate(presented: Self.token(1), replacement: digest(2)))
        #expect(session.isOpen(at: .noon))
    }

    @Test func aTokenUsedBeforeEndsTheFamilyHoweverOldItIs() throws {
        var session = try Self.session()
        for generation in 0..<200 {
            try session.handle(
                .rotate(presented: Self.token(UInt8(generation)), replacement: digest(UInt8(generation + 1))))
        }
        #expect(
            try session.handle(.rotate(presented: Self.token(0), replacement: digest(250))) == [
                .ended(.reuseDetected, at: .noon)
            ])
        #expect(!session.isOpen(at: .noon))
        #expect(throws: Session.Refusal.hasEnded(.reuseDetected)) {
            try session.decide(.rotate(presented: Self.token(200), replacement: digest(251)), at: .noon)
        }
    }

    @Test func aStrangersTokenEndsNothing() throws {
        let session = try Self.session()
        #expect(throws: Session.Refusal.tokenNotOfFamily) {
            try session.decide(.rotate(presented: Self.token(0, family: 1), replacement: digest(1)), at: .noon)
        }
    }

    @Test func anExpiredSessionIsClosed() throws {
        let session = try Self.session()
        #expect(!session.isOpen(at: Self.expiry))
        #expect(throws: Session.Refusal.hasExpired) {
            try session.decide(.rotate(presented: Self.token(0), replacement: digest(1)), at: Self.expiry)
        }
    }

    @Test func endingTwiceKeepsTheFirstReason() throws {
        var session = try Self.session()
        try session.handle(.end(.loggedOut))
        #expect(try session.handle(.end(.revoked)).isEmpty)
        #expect(session.ended?.reason == .loggedOut)
    }

    @Test func limitsAreRefused() throws {
        let session = Session(id: SessionID(at: .noon, slot: customer.slot, random: 4 << 40))
        #expect(throws: Session.Refusal.notOpened) { try session.decide(.end(.loggedOut), at: .noon) }
        let opening = Session.Opening(
            customer: customer, token: Self.token(0), expiresAt: Self.expiry,
            userAgent: String(repeating: "u", count: 257))
        #expect(throws: Session.Refusal.userAgentTooLong) { try session.decide(.open(opening), at: .noon) }
        #expect(throws: Session.Refusal.alreadyOpened) { try Self.session().decide(.open(opening), at: .noon) }
    }
}
