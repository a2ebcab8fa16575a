import Foundation
import Testing

@testable import payment_simulator

@Suite("Fault switches")
struct FaultsTests {
    @Test(
        "are read from JSON and written back",
        arguments: [
            (#"{}"#, #"{"delay_ms":0,"refuse_connections_ms":0}"#),
            (#"{"decline":0.25}"#, #"{"decline":0.25,"delay_ms":0,"refuse_connections_ms":0}"#),
            (#"{"hang":true,"delay_ms":5}"#, #"{"delay_ms":5,"hang":1,"refuse_connections_ms":0}"#),
            (#"{"fail_next":3}"#, #"{"delay_ms":0,"error_500":{"next":3},"refuse_connections_ms":0}"#),
            (#"{"close_before":{"next":2}}"#, #"{"close_before":{"next":2},"delay_ms":0,"refuse_connections_ms":0}"#),
        ])
    func json(given: String, shown: String) throws {
        let faults = try JSONDecoder().decode(Faults.self, from: Data(given.utf8))
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        #expect(String(decoding: try encoder.encode(faults), as: UTF8.self) == shown)
    }

    @Test(
        "refuse what they do not know",
        arguments: [
            #"{"hangs":true}"#, #"{"decline":1.5}"#, #"{"decline":-0.1}"#, #"{"decline":{"next":-1}}"#,
            #"{"decline":"often"}"#, #"{"decline":{"next":1,"then":2}}"#, #"{"decline":{}}"#,
            #"{"delay_ms":-1}"#, #"{"delay_ms":600001}"#, #"{"refuse_connections_ms":1e9}"#, #"{"fail_next":true}"#,
            #"[]"#,
        ])
    func malformed(_ given: String) {
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(Faults.self, from: Data(given.utf8)) }
    }

    @Test("strike as often as they say")
    func strikes() {
        var random = SystemRandomNumberGenerator()
        var faults = Faults()
        faults.triggers = [.hangAfter: .next(2), .decline: .probability(1), .errorBefore: .probability(0)]
        func count(_ fault: Fault) -> Int { (0..<100).count { _ in faults.strikes(fault, using: &random) } }
        #expect(count(.hangAfter) == 2)
        #expect(count(.decline) == 100)
        #expect(count(.errorBefore) == 0)
        #expect(count(.closeAfter) == 0)
    }
}
