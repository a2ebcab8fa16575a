import Commerce
import Testing

@testable import Webhooks

/// As PyPI's `standardwebhooks` 1.1.0 signs.
@Suite("A signature") struct WebhookSignatureTests {
    private static let letters = WebhookSecret([UInt8](repeating: 0x41, count: 32))
    private static let numbers = WebhookSecret([UInt8](0..<32))

    @Test("is that of the standard's own library")
    func vectors() {
        let first = WebhookSignature.header(
            id: "evt_0-17-1", timestamp: 1_700_000_000, body: #"{"id":"0.17.1"}"#, secrets: [Self.letters])
        #expect(first == "v1,cRNi+nr60xRoQL+4P7lpvwu8IKb7vE8Z0niLD+D3Ivo=")
        let second = WebhookSignature.header(
            id: "evt_2-300-2", timestamp: 1_800_000_001, body: #"{"text":"café · 雪"}"#, secrets: [Self.numbers])
        #expect(second == "v1,4adfIi1y2Vz5qojEEjev6ZetxxCm0SQU1MJYZ1PBkRc=")
    }

    @Test("stands beside that of the secret before, newest first, in one header")
    func overlap() {
        func header(_ secrets: [WebhookSecret]) -> String {
            WebhookSignature.header(id: "evt_1", timestamp: 1, body: "{}", secrets: secrets)
        }
        let both = header([Self.letters, Self.numbers])
        #expect(both == header([Self.letters]) + " " + header([Self.numbers]))
    }
}
