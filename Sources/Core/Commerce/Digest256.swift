/// 32 bytes of a cryptographic digest, computed by the shell: SHA-256 of whatever must not be kept itself.
public struct Digest256: Hashable, Sendable, CustomStringConvertible {
    /// The bytes, eight to a word, big-endian.
    package let words: Words

    public static let byteCount = 32

    /// nil unless there are exactly 32 bytes.
    public init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        var words = Words()
        var word: UInt64 = 0
        var position = 0
        for byte in bytes {
            word = word << 8 | UInt64(byte)
            position += 1
            if position % 8 == 0 { words[position / 8 - 1] = word }
        }
        self.words = words
    }

    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        encode(into: &bytes)
        return bytes
    }

    func encode(into bytes: inout [UInt8]) {
        withUnsafeBytes(of: (words[0].bigEndian, words[1].bigEndian, words[2].bigEndian, words[3].bigEndian)) {
            bytes.append(contentsOf: $0)
        }
    }

    /// The first eight hexadecimal digits: enough to tell two apart, too little to be of use.
    public var description: String {
        let digits = String(words[0] >> 32, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }

    /// Four words. Not a vector: Swift 6.3.1 aborts when it optimises async functions that keep an optional one.
    package struct Words: Hashable, Sendable {
        private var first: UInt64 = 0
        private var second: UInt64 = 0
        private var third: UInt64 = 0
        private var fourth: UInt64 = 0

        package var indices: Range<Int> { 0..<4 }

        package subscript(place: Int) -> UInt64 {
            get {
                switch place {
                case 0: first
                case 1: second
                case 2: third
                default: fourth
                }
            }
            set {
                switch place {
                case 0: first = newValue
                case 1: second = newValue
                case 2: third = newValue
                default: fourth = newValue
                }
            }
        }
    }
}
