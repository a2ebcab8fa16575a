import Foundation

/// The bytes of a snapshot in their file, decrypted if it is encrypted.
final class SnapshotBytes: Sendable {
    let path: String
    /// Without what encryption adds.
    let count: Int
    private let file: FileBytes
    private let seal: FileSeal?

    /// - Parameter key: of an encrypted file; nil of one that is not.
    /// - Throws: also when the file is encrypted with another key, or with none.
    init(path: String, key: SnapshotKey?) throws(SnapshotFailure) {
        file = try FileBytes(path: path)
        self.path = path
        let beginning = try file.read(min(file.count, FileSeal.headerBytes), at: 0)
        guard beginning.starts(with: FileSeal.magic) else {
            guard key == nil || !beginning.starts(with: SnapshotHeader.magic) else { throw .notEncrypted(path: path) }
            count = file.count
            seal = nil
            return
        }
        seal = try FileSeal(beginning, path: path, key: key)
        let sealed = file.count - FileSeal.headerBytes
        let pieces = (sealed + Self.sealedBytes - 1) / Self.sealedBytes
        count = max(0, sealed - pieces * FileSeal.tagBytes)
    }

    /// Of a whole piece.
    private static let sealedBytes = FileSeal.pieceBytes + FileSeal.tagBytes

    var isEncrypted: Bool { seal != nil }

    /// - Parameter wanted: no more than there are behind `offset`.
    func read(_ wanted: Int, at offset: Int) throws(SnapshotFailure) -> [UInt8] {
        guard let seal else { return try file.read(wanted, at: offset) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(wanted)
        while bytes.count < wanted {
            let (number, start) = (offset + bytes.count).quotientAndRemainder(dividingBy: FileSeal.pieceBytes)
            let piece = try piece(number, seal)
            bytes += piece[start..<min(piece.count, start + wanted - bytes.count)]
        }
        return bytes
    }

    private func piece(_ number: Int, _ seal: FileSeal) throws(SnapshotFailure) -> [UInt8] {
        let start = FileSeal.headerBytes + number * Self.sealedBytes
        let end = min(file.count, start + Self.sealedBytes)
        let sealed = try file.read(end - start, at: start)
        guard let piece = seal.open(sealed, number: number, isLast: end == file.count) else {
            throw .damaged(path: path, place: .piece(number, offset: start), reason: "it is not what was sealed here")
        }
        return piece
    }
}

/// A file that is read at any place.
private final class FileBytes: Sendable {
    let count: Int
    private let path: String
    private let descriptor: Int32

    init(path: String) throws(SnapshotFailure) {
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .posix("opening \(path)") }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            let failure = SnapshotFailure.posix("looking at \(path)")
            close(descriptor)
            throw failure
        }
        self.path = path
        count = Int(status.st_size)
    }

    deinit { close(descriptor) }

    func read(_ wanted: Int, at offset: Int) throws(SnapshotFailure) -> [UInt8] {
        var failure: SnapshotFailure?
        let bytes = [UInt8](unsafeUninitializedCapacity: wanted) { bytes, filled in
            while filled < wanted, failure == nil {
                let got = pread(descriptor, bytes.baseAddress! + filled, wanted - filled, off_t(offset + filled))
                if got < 0, errno == EINTR { continue }
                if got < 0 {
                    failure = .posix("reading \(path)")
                } else if got == 0 {
                    failure = .damaged(path: path, place: .end, reason: "the file has become shorter while it was read")
                }
                filled += max(0, got)
            }
        }
        if let failure { throw failure }
        return bytes
    }
}
