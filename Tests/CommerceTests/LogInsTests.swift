import Commerce
import EventSourcing
import Testing

@Suite struct LogInsTests {
    private static func origin(_ address: UInt8, _ device: UInt8) -> LogInOrigin {
        LogInOrigin(address: digest(address), device: digest(device))
    }

    private static let home = origin(1, 1)

    /// Fails as often as is recorded.
    private static func failAsOftenAsPossible(_ logIns: inout LogIns, from origin: (Int) -> LogInOrigin) -> Int {
        for number in 0..<1_000 {
            do { try logIns.handle(.fail(origin(number))) } catch { return number }
        }
        return 1_000
    }

    @Test func strangersShutOutStrangersAndNotTheHolder() throws {
        var logIns = LogIns(id: customer)
        try logIns.handle(.succeed(Self.home))
        let count = Self.failAsOftenAsPossible(&logIns) { Self.origin(UInt8(100 + $0 % 100), UInt8(100 + $0 % 90)) }
        #expect(count == Int(LogIns.failuresMax))
        #expect(logIns.isBlocked(Self.origin(50, 50)))
        #expect(throws: LogIns.Refusal.blocked) { try logIns.decide(.succeed(Self.origin(50, 50)), at: .noon) }
        // Neither the device nor another at the same place.
        #expect(!logIns.isBlocked(Self.home) && !logIns.isBlocked(Self.origin(1, 2)))
        try logIns.handle(.succeed(Self.home))
        #expect(!logIns.isBlocked(Self.origin(50, 50)))
    }

    @Test func aKnownOriginHasItsOwnLimit() throws {
        var logIns = LogIns(id: customer)
        try logIns.handle(.succeed(Self.home))
        #expect(Self.failAsOftenAsPossible(&logIns) { _ in Self.home } == Int(LogIns.failuresMax))
        #expect(logIns.isBlocked(Self.home) && !logIns.isBlocked(Self.origin(50, 50)))
        try logIns.handle(.clear)
        #expect(!logIns.isBlocked(Self.home))
        #expect(try logIns.handle(.clear).isEmpty)
    }

    @Test func theRightPasswordForgetsWhatCameBefore() throws {
        var logIns = LogIns(id: customer)
        for _ in 0..<5 {
            for _ in 0..<99 { try logIns.handle(.fail(Self.home)) }
            try logIns.handle(.succeed(Self.origin(2, 2)))
            #expect(logIns.failures == 0)
        }
    }

    @Test func soManyOriginsAreKnownAsAPersonHas() throws {
        var logIns = LogIns(id: customer)
        for number in 0..<UInt8(20) { try logIns.handle(.succeed(Self.origin(number, number))) }
        #expect(logIns.origins.count == LogIns.originsMax)
        #expect(logIns.knowsDevice(Self.origin(19, 19)) && !logIns.knowsDevice(Self.origin(0, 0)))
        try logIns.handle(.succeed(Self.origin(12, 12)))
        #expect(logIns.origins.last?.origin == Self.origin(12, 12) && logIns.origins.count == LogIns.originsMax)
    }
}
