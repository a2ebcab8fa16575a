import Foundation
import Testing

@testable import Gateway

@Suite("JSON documents")
struct JSONDocumentTests {
    static let corpus: [String] = [
        "{}", "[]", "null", "true", "false", "0", "-0", "1", "-1", "12.5", "1e5", "1E+5", "1e-5", "\"\"", "\"a\"",
        " { } ", "\t[\n]\r",
        #"{"a":1,"b":[true,false,null],"c":{"d":"e"}}"#, #"["\"\\\/\b\f\n\r\t"]"#, #""\u0041\u00e9\u20ac\ud83d\ude00""#,
        #""é€😀""#,
        #"{"items":[{"sku":"A-1","quantity":2},{"sku":"B-2","quantity":1}],"expected_total":1998}"#,
        // Wrong, each in its own way.
        "", " ", "{", "}", "[", "]", "[,1]", "{,}", #"{"a"}"#, #"{"a":}"#, #"{a:1}"#, "{'a':1}", "01", "-01", "-", "+1",
        ".5",
        "1.", "1.e1", "1e", "1e+", "0x10", "NaN", "Infinity", "nul", "nulll", "tru", "True", "[1 2]", "[1]]", "{}{}",
        "1 2", "\"", "\"a", "\"\\\"",
        "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", #""\ud800""#, #""\udc00""#, #""\ud800\ud800""#, #""\ud800x""#,
        #""\ud83d\u0041""#, "\"\n\"", "\"\t\"",
        "\"\u{1}\"", "/* c */ 1", "1 // c", "[1,2", #"{"a":1"#, #"{"a":1]"#, "[1}", "\u{b}1", "\u{a0}1", "--1", "1-",
        "1e5.5", "\u{2028}", "[\"a\" \"b\"]",
    ]

    /// Texts that are no UTF-8: overlong, truncated, surrogates, beyond the last plane, lone continuation.
    static let malformed: [[UInt8]] = [
        [0xc0, 0x80], [0xc1, 0xbf], [0xc3], [0xe0, 0x80, 0x80], [0xe2, 0x82], [0xed, 0xa0, 0x80],
        [0xf0, 0x80, 0x80, 0x80],
        [0xf4, 0x90, 0x80, 0x80], [0xf5, 0x80, 0x80, 0x80], [0x80], [0xbf], [0xff], [0xfe],
    ]

    static func foundationAccepts(_ bytes: [UInt8]) -> Any? {
        try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
    }

    /// Foundation takes a comma before a closing bracket, which RFC 8259 does not.
    static func hasTrailingComma(_ bytes: [UInt8]) -> Bool {
        String(decoding: bytes, as: UTF8.self).contains(/,[ \t\r\n]*[\]}]/)
    }

    /// Foundation refuses numbers beyond a Double, which are JSON and which we keep as text.
    static func hasHugeNumber(_ bytes: [UInt8]) -> Bool {
        String(decoding: bytes, as: UTF8.self).contains(/[eE][+-]?[0-9]{3,}/)
    }

    /// The document as Foundation would give it, printed with sorted keys.
    static func plain(_ value: Gateway.JSONValue) -> Any {
        if let string = value.string { return string }
        if let boolean = value.boolean { return boolean }
        if let integer = value.integer { return NSNumber(value: integer) }
        if let number = value.numberText { return NSNumber(value: Double(number) ?? .nan) }
        if let elements = value.elements { return elements.map(plain) }
        if let members = value.members {
            return Dictionary(uniqueKeysWithValues: members.map { ($0.name, plain($0.value)) })
        }
        return NSNull()
    }

    static func text(_ object: Any) -> String {
        let data = try? JSONSerialization.data(withJSONObject: [object], options: [.sortedKeys])
        // Zero has no sign for us.
        return String(decoding: data ?? Data(), as: UTF8.self).replacing(/-0(?=[,\]}])/, with: "0")
    }

    @Test("agree with Foundation on what is JSON and what it says", arguments: corpus)
    func agreement(text: String) throws {
        let ours = try? JSONDocument([UInt8](text.utf8))
        let theirs = Self.foundationAccepts([UInt8](text.utf8))
        #expect((ours != nil) == (theirs != nil), "\(text)")
        if let ours, let theirs { #expect(Self.text(Self.plain(ours.root)) == Self.text(theirs)) }
    }

    @Test("refuse strings that are not UTF-8, as Foundation does", arguments: malformed)
    func invalidUTF8(bytes: [UInt8]) {
        let text = [UInt8]("[\"a".utf8) + bytes + [UInt8]("\"]".utf8)
        #expect(throws: JSONError(reason: .invalidUTF8, offset: 3)) { try JSONDocument(text) }
        #expect(Self.foundationAccepts(text) == nil)
    }

    @Test("agree with Foundation on random mutations of good and bad texts")
    func mutations() throws {
        var random = SeededRandom(seed: 20_251_123)
        let alphabet =
            [UInt8](#"{}[]:,"\u0123456789abcdefnrtlsE+-. x"#.utf8) + [
                0x00, 0x1f, 0x80, 0xc3, 0xa9, 0xe2, 0xf0, 0xff, 0x0a,
            ]
        var accepted = 0
        for round in 0..<12_000 {
            var bytes = [UInt8](Self.corpus[round % Self.corpus.count].utf8)
            for _ in 0...Int.random(in: 0...2, using: &random) {
                let position = Int.random(in: 0...bytes.count, using: &random)
                let byte = alphabet.randomElement(using: &random)!
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes.insert(byte, at: position)
                case 1 where position < bytes.count: bytes[position] = byte
                default: if position < bytes.count { bytes.remove(at: position) }
                }
            }
            let ours: JSONDocument?
            do throws(JSONError) {
                ours = try JSONDocument(bytes)
            } catch {
                ours = nil
                // Foundation guesses UTF-16 and UTF-32 from zero bytes, and takes the same key twice.
                if error.reason == .duplicateKey || bytes.contains(0) || Self.hasTrailingComma(bytes) { continue }
            }
            if Self.hasHugeNumber(bytes) { continue }
            let theirs = Self.foundationAccepts(bytes)
            #expect((ours != nil) == (theirs != nil), "\(String(decoding: bytes, as: UTF8.self)) \(bytes)")
            guard let ours, let theirs else { continue }
            accepted += 1
            #expect(Self.text(Self.plain(ours.root)) == Self.text(theirs), "\(String(decoding: bytes, as: UTF8.self))")
        }
        #expect(accepted > 500)
    }

    @Test("refuse a key that comes twice, also when one is escaped")
    func duplicateKeys() {
        #expect(throws: JSONError(reason: .duplicateKey, offset: 7)) {
            try JSONDocument([UInt8](#"{"a":1,"a":2}"#.utf8))
        }
        #expect(throws: JSONError(reason: .duplicateKey, offset: 7)) {
            try JSONDocument([UInt8](#"{"a":1,"\u0061":2}"#.utf8))
        }
        #expect(throws: Never.self) { try JSONDocument([UInt8](#"{"a":{"a":{"a":1}},"b":1}"#.utf8)) }
    }

    @Test("refuse a comma before a closing bracket", arguments: ["[1,]", #"{"a":1,}"#, "[1, ]"])
    func trailingComma(text: String) {
        #expect(throws: JSONError(reason: .unexpectedByte, offset: text.utf8.count - 1)) {
            try JSONDocument([UInt8](text.utf8))
        }
    }

    @Test("hold depth, members and digits to their limits")
    func limits() {
        func nested(_ depth: Int) -> [UInt8] {
            [UInt8]((String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8)
        }
        func members(_ count: Int) -> [UInt8] {
            [UInt8](("{" + (0..<count).map { "\"k\($0)\":0" }.joined(separator: ",") + "}").utf8)
        }
        func digits(_ count: Int) -> [UInt8] { [UInt8](String(repeating: "1", count: count).utf8) }
        #expect(throws: Never.self) { try JSONDocument(nested(32)) }
        #expect(throws: JSONError(reason: .tooDeep, offset: 32)) { try JSONDocument(nested(33)) }
        #expect(throws: JSONError.self) { try JSONDocument(nested(100_000)) }
        #expect(throws: Never.self) { try JSONDocument(members(64)) }
        #expect(throws: JSONError.self) { try JSONDocument(members(65)) }
        #expect(throws: Never.self) { try JSONDocument(digits(64)) }
        #expect(throws: JSONError(reason: .numberTooLong, offset: 65)) { try JSONDocument(digits(65)) }
    }

    @Test(
        "read integers exactly or not at all",
        arguments: [
            ("0", 0), ("-0", 0), ("10", 10), ("10.0", 10), ("1e2", 100), ("1.5e1", 15), ("120e-1", 12), ("0.0e9", 0),
            ("0e999999999999999999999", nil),
            ("9223372036854775807", .max), ("-9223372036854775808", .min), ("9223372036854775808", nil),
            ("-9223372036854775809", nil),
            ("9.223372036854775807e18", .max), ("9.223372036854775807E+18", .max), ("1e19", nil), ("1e400", nil),
            ("1.5", nil), ("1e-1", nil), ("0.1", nil),
            ("5e-30", nil), ("100e-2", 1), ("0e5000", 0), ("1e5000", nil),
        ] as [(String, Int64?)])
    func integers(text: String, value: Int64?) throws {
        #expect(try JSONDocument([UInt8](text.utf8)).root.integer == value)
    }
}

/// SplitMix64: the same numbers for the same seed, for tests that must be repeatable.
struct SeededRandom: RandomNumberGenerator {
    var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
