import EventSourcing
import Foundation
import Testing

@testable import Gateway

@Suite("Writing JSON")
struct JSONWriterTests {
    private enum Thing: IdentifierKind { static let prefix = "thg" }

    @Test("objects, arrays and values, with commas where they belong")
    func shapes() {
        var json = JSONWriter()
        json.object { json in
            json.field("a", "x")
            json.field("b", Int64.min)
            json.object("c") { _ in }
            json.array("d") { json in
                json.value(1)
                json.object { $0.field("e", true) }
                json.array { _ in }
                json.value("[")
                json.value("{")
                json.null()
            }
            json.field("f", nil as String?)
            json.field("g", nil as Int64?)
            json.field("h", 7 as Int64?)
        }
        #expect(
            String(decoding: json.bytes, as: UTF8.self)
                == #"{"a":"x","b":-9223372036854775808,"c":{},"d":[1,{"e":true},[],"[","{",null],"#
                + #""f":null,"g":null,"h":7}"#
        )
    }

    @Test("strings of every scalar up to U+FFFF come back from Foundation as they were")
    func escaping() throws {
        for start in stride(from: UInt32(0), to: 0x1_0000, by: 256) {
            var text = ""
            for scalar in start..<start + 256 {
                if let scalar = Unicode.Scalar(scalar) { text.unicodeScalars.append(scalar) }
            }
            var json = JSONWriter()
            json.array { $0.value(text) }
            let back = try JSONSerialization.jsonObject(with: Data(json.bytes)) as? [String]
            #expect(back?[0].unicodeScalars.elementsEqual(text.unicodeScalars) == true)
            #expect(
                try JSONDocument(json.bytes).root.elements?[0].string?.unicodeScalars.elementsEqual(text.unicodeScalars)
                    == true)
        }
    }

    @Test("integers of every length come out as the standard library prints them")
    func integers() {
        var value: Int64 = 1
        for _ in 0..<63 {
            for candidate in [value, value - 1, -value] {
                var json = JSONWriter()
                json.value(candidate)
                #expect(String(decoding: json.bytes, as: UTF8.self) == String(candidate))
            }
            value = value &* 2
        }
    }

    @Test("ids are written as their text")
    func identifiers() {
        let id = Identifier<Thing>(at: Timestamp(milliseconds: 1_700_000_000_000), slot: Slot(5), random: 99)
        var json = JSONWriter()
        json.value(id)
        #expect(String(decoding: json.bytes, as: UTF8.self) == "\"\(id.description)\"")
    }

    @Test(
        "moments are RFC 3339 to the microsecond",
        arguments: [
            (0, "1970-01-01T00:00:00.000000Z"), (-1, "1969-12-31T23:59:59.999999Z"),
            (951_782_400_000_000, "2000-02-29T00:00:00.000000Z"),
            (1_763_874_631_000_250, "2025-11-23T05:10:31.000250Z"),
            (4_107_542_400_000_000, "2100-03-01T00:00:00.000000Z"),
            (Int64.max, "9999-12-31T23:59:59.999999Z"), (Int64.min, "0000-01-01T00:00:00.000000Z"),
        ])
    func timestamps(microseconds: Int64, text: String) {
        #expect(Timestamp(microseconds: microseconds).rfc3339 == text)
    }

    @Test("moments over eight centuries agree with Foundation")
    func timestampsAgree() {
        let formatter = ISO8601DateFormatter()
        var random = SeededRandom(seed: 1)
        for _ in 0..<2_000 {
            let seconds = Int64.random(in: -11_000_000_000...14_000_000_000, using: &random)
            let theirs = formatter.string(from: Date(timeIntervalSince1970: Double(seconds)))
            #expect(Timestamp(microseconds: seconds * 1_000_000).rfc3339 == theirs.dropLast() + ".000000Z")
        }
    }
}
