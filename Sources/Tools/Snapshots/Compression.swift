import CZstd

/// Zstandard, of which the system's library is used here alone.
enum Compression {
    /// Of 22: the fastest that still looks for long repetitions.
    private static let level: Int32 = 1

    static func compress(_ bytes: [UInt8]) -> [UInt8] {
        let room = ZSTD_compressBound(bytes.count)
        return [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
            count = ZSTD_compress(buffer.baseAddress, room, bytes, bytes.count, level)
            // There is room for the worst case; a lack of memory, which is left, ends the process elsewhere too.
            precondition(ZSTD_isError(count) == 0, "zstd has no memory")
        }
    }

    /// - Parameter count: how many bytes come out; its limit is the caller's to check.
    /// - Returns: nil when other bytes than so many come out.
    static func decompress(_ bytes: [UInt8], count: Int) -> [UInt8]? {
        var decompressed = 0
        let result = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            decompressed = ZSTD_decompress(buffer.baseAddress, count, bytes, bytes.count)
            filled = ZSTD_isError(decompressed) == 0 ? min(decompressed, count) : 0
        }
        return ZSTD_isError(decompressed) == 0 && decompressed == count ? result : nil
    }
}
