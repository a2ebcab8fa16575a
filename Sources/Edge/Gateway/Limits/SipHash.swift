/// SipHash-2-4: a short hash that a caller who does not know the key cannot aim.
/// Source: Aumasson, Bernstein, SipHash: a fast short-input PRF (2012).
struct SipHash {
    private var (v0, v1, v2, v3): (UInt64, UInt64, UInt64, UInt64)
    /// Bytes that are not a whole word yet, the first in the lowest place.
    private var tail: UInt64 = 0
    private var count: UInt64 = 0

    init(_ seed: RateSeed) {
        v0 = seed.low ^ 0x736f_6d65_7073_6575
        v1 = seed.high ^ 0x646f_7261_6e64_6f6d
        v2 = seed.low ^ 0x6c79_6765_6e65_7261
        v3 = seed.high ^ 0x7465_6462_7974_6573
    }

    mutating func append(_ byte: UInt8) {
        tail |= UInt64(byte) << (8 * (count & 7))
        count += 1
        if count & 7 == 0 {
            take(tail)
            tail = 0
        }
    }

    mutating func append(_ number: UInt64) {
        for place: UInt64 in 0..<8 { append(UInt8(truncatingIfNeeded: number >> (8 * place))) }
    }

    /// The length keeps two texts from reading as others.
    mutating func append(_ text: String) {
        append(UInt64(text.utf8.count))
        for byte in text.utf8 { append(byte) }
    }

    consuming func finalized() -> UInt64 {
        take(tail | count << 56)
        v2 ^= 0xff
        for _ in 0..<4 { round() }
        return v0 ^ v1 ^ v2 ^ v3
    }

    private mutating func take(_ word: UInt64) {
        v3 ^= word
        round()
        round()
        v0 ^= word
    }

    private mutating func round() {
        v0 &+= v1
        v1 = Self.rotated(v1, 13) ^ v0
        v0 = Self.rotated(v0, 32)
        v2 &+= v3
        v3 = Self.rotated(v3, 16) ^ v2
        v0 &+= v3
        v3 = Self.rotated(v3, 21) ^ v0
        v2 &+= v1
        v1 = Self.rotated(v1, 17) ^ v2
        v2 = Self.rotated(v2, 32)
    }

    private static func rotated(_ word: UInt64, _ bits: UInt64) -> UInt64 { word << bits | word >> (64 - bits) }
}
