import NIOCore
import Wire

/// What travels on a connection between two nodes:
///
///     length (4), CRC32C (4), kind (1), content
///
/// Length and checksum are of kind and content. Numbers of kinds are never reused.
enum LinkFrame {
    enum Kind: UInt8 {
        case greeting = 1
        /// The number of a `LinkRefusal`; the connection ends.
        case refusal = 2
        /// What `PeerLinks.send` was given.
        case frame = 3
        /// Says that this end is there.
        case ping = 4
    }

    /// Length, checksum and kind.
    static let headerBytes = 9

    static func write(_ kind: Kind, _ content: [UInt8], into buffer: inout ByteBuffer) {
        buffer.writeInteger(UInt32(content.count + 1))
        let checksum = CRC32C.checksum(content, seed: CRC32C.checksum(CollectionOfOne(kind.rawValue)))
        buffer.writeInteger(checksum)
        buffer.writeInteger(kind.rawValue)
        buffer.writeBytes(content)
    }

    /// Takes the next frame out of what has arrived.
    ///
    /// - Returns: nil when there is no whole one yet.
    /// - Throws: for bytes that are no frame, as soon as that can be seen, or for one with more content than
    ///   `bytesMax`.
    static func read(
        from buffer: inout ByteBuffer, bytesMax: Int
    ) throws(LinkRefusal) -> (kind: Kind, content: [UInt8])? {
        guard let length = buffer.getInteger(at: buffer.readerIndex, as: UInt32.self) else { return nil }
        guard length > 0, Int(length) - 1 <= bytesMax else { throw .damagedFrame }
        let end = headerBytes - 1 + Int(length)
        guard buffer.readableBytes >= end else { return nil }
        // Bytes are copied once: out of the buffer, into the array that the receiver gets.
        let content: [UInt8]? = buffer.withUnsafeReadableBytes { bytes in
            let stored = UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
            let isIntact = CRC32C.checksum(UnsafeRawBufferPointer(rebasing: bytes[8..<end])) == stored
            return isIntact ? [UInt8](copying: bytes[headerBytes..<end]) : nil
        }
        guard let content, let number = buffer.getInteger(at: buffer.readerIndex + 8, as: UInt8.self),
            let kind = Kind(rawValue: number)
        else { throw .damagedFrame }
        buffer.moveReaderIndex(forwardBy: end)
        return (kind, content)
    }
}
