/// 32 bytes of a cryptographic digest, computed by the shell: SHA-256 of whatever must not be kept itself.
public struct Digest256: Hashable, Sendable, CustomStringConvertible {
    /// The bytes, eight to a word, big-endian.
    package let words: SIMD4<UInt64>

    public static let byteCount = 32

    /// nil unless there are exactly 32 bytes.
    public init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        var words = SIMD4<UInt64>()
        for (position, byte) in bytes.enumerated() {
            words[position / 8] = words[position / 8] << 8 | UInt64(byte)
        }
        self.words = words
    }

    public var bytes: [UInt8] {
        (0..<Self.byteCount).map { UInt8(truncatingIfNeeded: words[$0 / 8] >> UInt64(56 - $0 % 8 * 8)) }
    }

    /// The first eight hexadecimal digits: enough to tell two apart, too little to be of use.
    public var description: String {
        let digits = String(words[0] >> 32, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }
}
