/// The inside of JSON strings: escapes and UTF-8.
enum JSONString {
    /// The bytes that a checked string stands for.
    static func unescape(_ text: ArraySlice<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(text.count)
        var position = text.startIndex
        while position < text.endIndex {
            guard text[position] == UInt8(ascii: "\\") else {
                result.append(text[position])
                position += 1
                continue
            }
            if let byte = meaning(ofEscape: text[position + 1]) {
                result.append(byte)
                position += 2
                continue
            }
            // The parser has checked the escape, so that there are four digits, and six more behind a lead surrogate.
            var scalar = UInt32(codeUnit(in: text, at: position) ?? 0xfffd)
            position += 6
            if scalar & 0xfc00 == 0xd800, let trail = codeUnit(in: text, at: position) {
                scalar = 0x10000 + (scalar & 0x3ff) << 10 + UInt32(trail) & 0x3ff
                position += 6
            }
            result.append(
                contentsOf: UTF8.encode(Unicode.Scalar(scalar) ?? "\u{fffd}") ?? UTF8.encodedReplacementCharacter)
        }
        return result
    }

    /// What a backslash and this byte stand for; nil for `u` and for what is no escape.
    static func meaning(ofEscape byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): byte
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "f"): 0x0c
        case UInt8(ascii: "n"): 0x0a
        case UInt8(ascii: "r"): 0x0d
        case UInt8(ascii: "t"): 0x09
        default: nil
        }
    }

    /// The UTF-16 unit of the `\u` escape, with its four hexadecimal digits, that begins at `position`.
    static func codeUnit<Bytes: RandomAccessCollection<UInt8>>(in bytes: Bytes, at position: Int) -> UInt16?
    where Bytes.Index == Int {
        guard position + 6 <= bytes.endIndex, bytes[position] == UInt8(ascii: "\\"),
            bytes[position + 1] == UInt8(ascii: "u")
        else { return nil }
        var unit: UInt16 = 0
        for offset in 2..<6 {
            guard let digit = hexadecimalDigit(bytes[position + offset]) else { return nil }
            unit = unit << 4 | UInt16(digit)
        }
        return unit
    }

    static func hexadecimalDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    /// How many bytes the character of two to four bytes at `position` has; nil when it is not well-formed.
    /// The Unicode Standard, table 3-7: no overlong forms, no surrogates, nothing above U+10FFFF.
    static func sequenceLength(in bytes: [UInt8], at position: Int) -> Int? {
        let first = bytes[position]
        let length: Int
        var second: ClosedRange<UInt8> = 0x80...0xbf
        switch first {
        case 0xc2...0xdf: length = 2
        case 0xe0: (length, second) = (3, 0xa0...0xbf)
        case 0xed: (length, second) = (3, 0x80...0x9f)
        case 0xe1...0xef: length = 3
        case 0xf0: (length, second) = (4, 0x90...0xbf)
        case 0xf1...0xf3: length = 4
        case 0xf4: (length, second) = (4, 0x80...0x8f)
        default: return nil
        }
        guard position + length <= bytes.count, second.contains(bytes[position + 1]) else { return nil }
        for offset in 2..<max(length, 2) where bytes[position + offset] & 0xc0 != 0x80 { return nil }
        return length
    }
}
