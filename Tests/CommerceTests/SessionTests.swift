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
        #expect(try session.handle(Self.rotation(of: 0), at: later).count == 1)
        #expect(session.generation == 1)
        #expect(session.lastSeenAt == later)
        try session.handle(Self.rotation(of: 1))
        #expect(session.isOpen(at: .noon))
    }

    @Test func aTokenUsedBeforeEndsTheFamilyHoweverOldItIs() throws {
        var session = try Self.session()
        for generation in 0..<200 {
            try session.handle(
                .rotate(
                    presented: Self.token(UInt8(generation)), replacement: digest(UInt8(generation + 1)),
                    client: digest(9)))
        }
        #expect(
            try session.handle(Self.rotation(of: 0)) == [
                .ended(.reuseDetected, at: .noon)
            ])
        #expect(!session.isOpen(at: .noon))
        #expect(throws: Session.Refusal.hasEnded(.reuseDetected)) {
            try session.decide(Self.rotation(of: 200), at: .noon)
        }
    }

    /// The request that makes token `number + 1` of token `number`, as it is made each time.
    private static func rotation(of number: UInt8, by client: UInt8 = 9) -> Session.Command {
        .rotate(presented: token(number), replacement: digest(number + 1), client: digest(client))
    }

    @Test func aRequestWhoseAnswerWasLostIsAnsweredAgainOnce() throws {
        var session = try Self.session()
        try session.handle(Self.rotation(of: 0))
        let soon = Timestamp.noon + Session.repeatWindow
        #expect(try session.handle(Self.rotation(of: 0), at: soon) == [.repeated(at: soon)])
        #expect(session.rotation == digest(1) && session.generation == 1 && session.isOpen(at: soon))
        #expect(try session.decide(Self.rotation(of: 0), at: soon) == [.ended(.reuseDetected, at: soon)])
        // The replacement goes on, and its own answer may be lost as well.
        try session.handle(Self.rotation(of: 1), at: soon)
        #expect(try session.handle(Self.rotation(of: 1), at: soon) == [.repeated(at: soon)])
    }

    @Test func aTokenUsedBeforeIsNotAnsweredAgainToAnotherClientOrLateOrWhenItIsOlder() throws {
        var session = try Self.session()
        try session.handle(Self.rotation(of: 0))
        let late = Timestamp.noon + Session.repeatWindow + .milliseconds(1)
        #expect(try session.decide(Self.rotation(of: 0), at: late) == [.ended(.reuseDetected, at: late)])
        #expect(try session.decide(Self.rotation(of: 0, by: 8), at: .noon) == [.ended(.reuseDetected, at: .noon)])
        try session.handle(Self.rotation(of: 1))
        #expect(try session.decide(Self.rotation(of: 0), at: .noon) == [.ended(.reuseDetected, at: .noon)])
    }

    @Test func aStrangersTokenEndsNothing() throws {
        let session = try Self.session()
        #expect(throws: Session.Refusal.tokenNotOfFamily) {
            try session.decide(
                .rotate(presented: Self.token(0, family: 1), replacement: digest(1), client: digest(9)), at: .noon)
        }
    }

    @Test func anExpiredSessionIsClosed() throws {
        let session = try Self.session()
        #expect(!session.isOpen(at: Self.expiry))
        #expect(throws: Session.Refusal.hasExpired) {
            try session.decide(Self.rotation(of: 0), at: Self.expiry)
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
