/// The bytes that a checked JSON string stands for, one after the other, so that names are compared without a copy.
struct UnescapedBytes: IteratorProtocol {
    private let text: UnsafeBufferPointer<UInt8>
    private var position: Int
    private let end: Int
    /// What is left of a character written as `\u`, the next byte lowest.
    private var pending: UInt32 = 0

    /// - Parameter range: of the string's text in `bytes`, without its quotes.
    init(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) {
        text = bytes
        position = range.lowerBound
        end = range.upperBound
    }

    mutating func next() -> UInt8? {
        if pending > 0 {
            defer { pending >>= 8 }
            return UInt8(truncatingIfNeeded: pending)
        }
        guard position < end else { return nil }
        guard text[position] == UInt8(ascii: "\\") else {
            defer { position += 1 }
            return text[position]
        }
        if let byte = JSONString.meaning(ofEscape: text[position + 1]) {
            position += 2
            return byte
        }
        return nextScalar()
    }

    /// The parser has checked the escape, so that there are four digits, and six more behind a lead surrogate.
    private mutating func nextScalar() -> UInt8 {
        var scalar = UInt32(JSONString.codeUnit(in: text, at: position) ?? 0xfffd)
        position += 6
        if scalar & 0xfc00 == 0xd800, let trail = JSONString.codeUnit(in: text, at: position) {
            scalar = 0x10000 + (scalar & 0x3ff) << 10 + UInt32(trail) & 0x3ff
            position += 6
        }
        let encoded = UTF8.encode(Unicode.Scalar(scalar) ?? "\u{fffd}") ?? UTF8.encodedReplacementCharacter
        var bytes = encoded.makeIterator()
        let first = bytes.next() ?? 0
        var shift: UInt32 = 0
        while let byte = bytes.next() {
            pending |= UInt32(byte) << shift
            shift += 8
        }
        return first
    }

    /// Whether both stand for the same bytes.
    static func == (left: UnescapedBytes, right: UnescapedBytes) -> Bool {
        var (left, right) = (left, right)
        while true {
            let byte = left.next()
            guard byte == right.next() else { return false }
            if byte == nil { return true }
        }
    }
}
