import Commerce
import EventSourcing
import Testing

@Suite struct IdempotencyKeyTests {
    let expiry = Timestamp.noon + .seconds(60)

    func claim(_ fingerprint: UInt8, until expiry: Timestamp) -> IdempotencyKey.Command {
        .claim(fingerprint: digest(fingerprint), subject: .order(order), expiresAt: expiry)
    }

    @Test func theSameRequestFindsItsClaimAndAnotherIsRefused() throws {
        var key = IdempotencyKey(id: IdempotencyKeyID(slot: Slot(7), digest: digest(9)))
        #expect(try key.handle(claim(1, until: expiry)).count == 1)
        #expect(try key.handle(claim(1, until: expiry)).isEmpty)
        #expect(key.claim?.subject == .order(order))
        #expect(throws: IdempotencyKey.Refusal.otherRequest) { try key.decide(claim(2, until: expiry), at: .noon) }
    }

    @Test func anExpiredKeyMayBeClaimedAnew() throws {
        var key = IdempotencyKey(id: IdempotencyKeyID(slot: Slot(7), digest: digest(9)))
        try key.handle(claim(1, until: expiry))
        try key.handle(claim(2, until: expiry + .seconds(60)), at: expiry)
        #expect(key.claim?.fingerprint == digest(2))
    }

    @Test func aReleasedKeyIsFreeForAnyRequest() throws {
        var key = IdempotencyKey(id: IdempotencyKeyID(slot: Slot(7), digest: digest(9)))
        #expect(try key.handle(.release).isEmpty)
        try key.handle(claim(1, until: expiry))
        #expect(try key.handle(.release) == [.released])
        #expect(key.standing(at: .noon) == nil)
        #expect(try key.handle(claim(2, until: expiry)).count == 1)
        #expect(key.standing(at: expiry) == nil)
    }

    @Test func limitsAreRefused() throws {
        let key = IdempotencyKey(id: IdempotencyKeyID(slot: Slot(7), digest: digest(9)))
        #expect(throws: IdempotencyKey.Refusal.expiryPassed) { try key.decide(claim(1, until: .noon), at: .noon) }
        let body = [UInt8](repeating: 0, count: IdempotencyKey.answerBytesMax + 1)
        #expect(throws: IdempotencyKey.Refusal.answerTooLarge) {
            try key.decide(
                .claim(
                    fingerprint: digest(1), subject: .answer(status: 201, location: nil, body: body),
                    expiresAt: expiry),
                at: .noon)
        }
    }
}

@Suite struct ConsumerPositionTests {
    @Test func aPositionMovesForwardFromWhereItIs() throws {
        var position = ConsumerPosition(
            id: ConsumerPositionID(consumer: .inventory, source: ShardID(0), slot: Slot(0)))
        try position.handle(.advance(from: .zero, to: LogIndex(5)))
        #expect(throws: ConsumerPosition.Refusal.moved(position: LogIndex(5))) {
            try position.decide(.advance(from: .zero, to: LogIndex(8)), at: .noon)
        }
        #expect(throws: ConsumerPosition.Refusal.notForward) {
            try position.decide(.advance(from: LogIndex(5), to: LogIndex(5)), at: .noon)
        }
        try position.handle(.advance(from: LogIndex(5), to: LogIndex(8)))
        #expect(position.position == LogIndex(8))
    }
}
