import Wire

/// Values on the disk begin with the CRC32C of all that follows: LMDB has no checksums of its own.
public enum Sealed {
    public static let checksumBytes = 4

    /// Writes the checksum of everything behind the first four bytes into them.
    public static func seal(_ bytes: UnsafeMutableRawBufferPointer, seed: UInt32) {
        let checksum = CRC32C.checksum(UnsafeRawBufferPointer(rebasing: bytes[checksumBytes...]), seed: seed)
        bytes.storeBytes(of: checksum.bigEndian, as: UInt32.self)
    }

    /// Whether the first four bytes are the checksum of the rest.
    public static func isIntact(_ bytes: UnsafeRawBufferPointer, seed: UInt32) -> Bool {
        guard bytes.count >= checksumBytes else { return false }
        let stored = UInt32(bigEndian: bytes.loadUnaligned(as: UInt32.self))
        return stored == CRC32C.checksum(UnsafeRawBufferPointer(rebasing: bytes[checksumBytes...]), seed: seed)
    }

    /// `fields`, which begin with four bytes of no meaning, with the checksum in their place.
    public static func sealing(_ fields: consuming [UInt8], seed: UInt32) -> [UInt8] {
        fields.withUnsafeMutableBytes { seal($0, seed: seed) }
        return fields
    }
}
