import Testing

@testable import RemoteCalls

@Suite("Numbers of calls")
struct CallNumberTests {
    @Test("a number is what it was made of")
    func value() { #expect(CallNumber(rawValue: 7).rawValue == 7) }
}
