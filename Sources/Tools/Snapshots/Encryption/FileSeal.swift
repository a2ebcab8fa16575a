import Crypto
import EventSourcing
import Foundation
import Wire

/// The encryption of one file, piece by piece, in AES-256-GCM.
///
/// A piece is bound to its place: to the header, and so to this file; to its number; and to whether it is the last.
/// No nonce is used twice under one key: the key is derived (HKDF, RFC 5869) from a random salt of the file, and the
/// nonce is the number of the piece.
struct FileSeal: Sendable {
    static let magic = [UInt8]("CRSEALED".utf8)
    /// The format that this program writes and reads.
    static let format: UInt16 = 1
    /// Magic, format, salt, check of the key, CRC32C.
    static let headerBytes = 8 + 2 + saltBytes + checkBytes + 4
    /// What a piece holds; the last one holds from one byte up to as many.
    static let pieceBytes = 64 << 10
    static let tagBytes = 16

    private static let saltBytes = 32
    /// Enough that another key is not taken for the right one.
    private static let checkBytes = 16
    private static let purpose = [UInt8]("cloudretail snapshot".utf8)

    /// What the file begins with.
    let header: [UInt8]
    private let key: SymmetricKey

    /// Of a new file.
    init(_ key: SnapshotKey) {
        var generator = SystemRandomNumberGenerator()
        let salt = (0..<Self.saltBytes).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        let (key, check) = Self.derive(from: key, salt)
        var writer = RecordWriter()
        writer.writeRaw(Self.magic)
        writer.write(Self.format)
        writer.writeRaw(salt)
        writer.writeRaw(check)
        writer.write(CRC32C.checksum(writer.bytes))
        header = writer.bytes
        self.key = key
    }

    /// Of the file at `path` that begins with `header`.
    ///
    /// - Throws: whether the header is damaged, of another version, or of another key.
    init(_ header: [UInt8], path: String, key: SnapshotKey?) throws(SnapshotFailure) {
        var reader = RecordReader(header[Self.magic.count...])
        guard header.count == Self.headerBytes, let format = try? reader.readUInt16() else {
            throw .damaged(path: path, place: .header, reason: "the file ends at byte \(header.count)")
        }
        guard format == Self.format else { throw .encryptionVersion(path: path, found: format) }
        let salt = header[10..<10 + Self.saltBytes]
        let check = header[salt.endIndex..<salt.endIndex + Self.checkBytes]
        var checksum = RecordReader(header[check.endIndex...])
        guard (try? checksum.readUInt32()) == CRC32C.checksum(header[..<check.endIndex]) else {
            throw .damaged(path: path, place: .header, reason: "checksum mismatch")
        }
        guard let key else { throw .encrypted(path: path) }
        let (derived, expected) = Self.derive(from: key, Array(salt))
        guard check.elementsEqual(expected) else { throw .otherKey(path: path) }
        self.header = header
        self.key = derived
    }

    /// The key of a file, and what tells it from that of another secret.
    private static func derive(from key: SnapshotKey, _ salt: [UInt8]) -> (key: SymmetricKey, check: [UInt8]) {
        let count = SnapshotKey.byteCount
        let bytes = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: key.secret, salt: salt, info: purpose, outputByteCount: count + checkBytes
        ).withUnsafeBytes { Array($0) }
        return (SymmetricKey(data: bytes[..<count]), Array(bytes[count...]))
    }

    /// A piece as it lies in the file, with its tag behind it.
    func seal(_ piece: ArraySlice<UInt8>, number: Int, isLast: Bool) -> [UInt8] {
        let box = Self.nonce(of: number).flatMap { nonce in
            try? AES.GCM.seal(piece, using: key, nonce: nonce, authenticating: place(number, isLast))
        }
        guard let box else { preconditionFailure("AES-256-GCM takes 32 bytes of a key and 12 of a nonce") }
        return Array(box.ciphertext) + Array(box.tag)
    }

    /// - Returns: nil unless it is what was sealed at this place of this file.
    func open(_ sealed: [UInt8], number: Int, isLast: Bool) -> [UInt8]? {
        guard sealed.count > Self.tagBytes, let nonce = Self.nonce(of: number) else { return nil }
        let end = sealed.count - Self.tagBytes
        guard let box = try? AES.GCM.SealedBox(nonce: nonce, ciphertext: sealed[..<end], tag: sealed[end...]) else {
            return nil
        }
        return (try? AES.GCM.open(box, using: key, authenticating: place(number, isLast))).map { Array($0) }
    }

    private static func nonce(of number: Int) -> AES.GCM.Nonce? {
        var writer = RecordWriter()
        writer.write(UInt32(0))
        writer.write(UInt64(number))
        return try? AES.GCM.Nonce(data: writer.bytes)
    }

    /// What is authenticated beside a piece: header, number (8), is the last (1).
    private func place(_ number: Int, _ isLast: Bool) -> [UInt8] {
        var writer = RecordWriter()
        writer.writeRaw(header)
        writer.write(UInt64(number))
        writer.write(isLast)
        return writer.bytes
    }
}
