/// CRC-32C, Castagnoli's polynomial, as in iSCSI and ext4.
///
/// Source: RFC 3720, 12.1 and appendix B.4; sliced by sixteen after Kounavis and Berry, "A Systematic Approach to
/// Building High Performance, Software-based, CRC Generators" (2005).
public enum CRC32C {
    /// The checksum of `bytes` behind whatever `seed` is the checksum of:
    /// `checksum(b, seed: checksum(a)) == checksum(a + b)`.
    public static func checksum(_ bytes: UnsafeRawBufferPointer, seed: UInt32 = 0) -> UInt32 {
        tables.withUnsafeBufferPointer { tables in
            var crc = ~seed
            var position = 0
            while position + 16 <= bytes.count {
                let word = bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self)
                let next = bytes.loadUnaligned(fromByteOffset: position + 8, as: UInt64.self)
                // Only the first four bytes wait for the step before.
                crc = step(tables, UInt64(littleEndian: next), before: 0)
                    ^ step(tables, UInt64(littleEndian: word) ^ UInt64(crc), before: 8)
                position += 16
            }
            while position < bytes.count {
                crc = tables[Int(UInt8(truncatingIfNeeded: crc) ^ bytes[position])] ^ crc >> 8
                position += 1
            }
            return ~crc
        }
    }

    /// As above, of an array or a slice.
    public static func checksum(_ bytes: some Sequence<UInt8>, seed: UInt32 = 0) -> UInt32 {
        if let crc = bytes.withContiguousStorageIfAvailable({ checksum(UnsafeRawBufferPointer($0), seed: seed) }) {
            return crc
        }
        return checksum(Array(bytes), seed: seed)
    }

    /// Eight bytes at once, with so many behind them: each looked up in the table for its distance from the end.
    @inline(__always)
    private static func step(_ tables: UnsafeBufferPointer<UInt32>, _ word: UInt64, before rest: Int) -> UInt32 {
        @inline(__always)
        func entry(_ byte: Int) -> UInt32 {
            tables[(7 - byte + rest) << 8 | Int(UInt8(truncatingIfNeeded: word >> UInt64(8 * byte)))]
        }
        return entry(0) ^ entry(1) ^ entry(2) ^ entry(3) ^ entry(4) ^ entry(5) ^ entry(6) ^ entry(7)
    }

    /// Table `n`, 256 entries from `n * 256`: the checksum of a byte with `n` zero bytes behind it.
    private static let tables: [UInt32] = {
        let polynomialReflected: UInt32 = 0x82f6_3b78
        var tables = [UInt32](repeating: 0, count: 16 * 256)
        for byte in 0..<256 {
            tables[byte] = (0..<8).reduce(UInt32(byte)) { crc, _ in crc >> 1 ^ (crc & 1) * polynomialReflected }
        }
        for place in 256..<16 * 256 {
            let shorter = tables[place - 256]
            tables[place] = tables[Int(shorter & 0xff)] ^ shorter >> 8
        }
        return tables
    }()
}
