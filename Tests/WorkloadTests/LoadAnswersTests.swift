import NIOCore
import Testing

@testable import Workload

@Suite struct LoadAnswersTests {
    private static let two =
        "HTTP/1.1 201 Created\r\ncontent-length: 3\r\nX: content-length: 9\r\n\r\nabc"
        + "HTTP/1.1 503 Service Unavailable\r\nContent-Length:0\r\nConnection: close\r\n\r\n"
    private static let answersOfTwo = [
        LoadAnswers.Answer(status: 201, keepsAlive: true), .init(status: 503, keepsAlive: false),
    ]

    private static func answers(_ texts: [String]) throws -> [LoadAnswers.Answer] {
        var (answers, found) = (LoadAnswers(), [LoadAnswers.Answer]())
        for text in texts {
            answers.take(ByteBuffer(string: text))
            while let answer = try answers.next() { found.append(answer) }
        }
        return found
    }

    @Test func answersAreToldApartHoweverTheyArrive() throws {
        #expect(try Self.answers([Self.two]) == Self.answersOfTwo)
        let bytes = Array(Self.two.utf8)
        for place in 0...bytes.count {
            let parts = [bytes[..<place], bytes[place...]].map { String(decoding: $0, as: UTF8.self) }
            #expect(try Self.answers(parts) == Self.answersOfTwo)
        }
        #expect(try Self.answers(bytes.map { String(decoding: [$0], as: UTF8.self) }) == Self.answersOfTwo)
    }

    @Test func whatHasNoContentNeedsNoLength() throws {
        let texts = [
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n", "HTTP/1.1 304 Not Modified\r\n\r\n",
        ]
        #expect(try Self.answers(texts).map(\.status) == [204, 304])
    }

    @Test(arguments: [
        ("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", false),
        ("HTTP/1.0 200 OK\r\nContent-Length: 0\r\nconnection: keep-alive\r\n\r\n", true),
        ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nconnection: keep-alive\r\n\r\n", true),
    ])
    func aConnectionGoesOnAsItsVersionSays(text: String, keepsAlive: Bool) throws {
        #expect(try Self.answers([text]).map(\.keepsAlive) == [keepsAlive])
    }

    @Test(arguments: [
        ("SSH-2.0-OpenSSH_9.6\r\n", LoadAnswers.Fault.notHTTP),
        ("HTTP/1.1 20\r\n\r\n", .notHTTP),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", .lengthUnknown),
        ("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", .lengthUnknown),
        ("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n", .lengthUnknown),
        ("HTTP/1.1 200 OK\r\nX: " + String(repeating: "x", count: LoadAnswers.headBytesMax), .headTooLarge),
    ])
    func whatIsNoAnswerIsSaidToBeNone(text: String, fault: LoadAnswers.Fault) {
        #expect(throws: fault) { try Self.answers([text]) }
    }
}
