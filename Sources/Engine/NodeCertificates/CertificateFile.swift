import Crypto
import Foundation

/// Files of certificates and keys.
enum CertificateFile {
    static let keyMode: mode_t = 0o600
    static let certificateMode: mode_t = 0o644
    /// No certificate or key of a node is as long; a path given by mistake is not read whole.
    private static let bytesMax = 64 << 10

    static func exists(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0
    }

    /// For its owner alone, as it holds keys. One that is there stays as it is.
    static func createDirectory(_ path: String) throws(CertificateFailure) {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw failure("create", path)
        }
    }

    /// Writes a file, whole or not at all, in place of one that is there.
    static func write(_ text: String, to path: String, mode: mode_t) throws(CertificateFailure) {
        let draft = path + ".new"
        unlink(draft)
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw failure("create", draft) }
        defer { close(descriptor) }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: false)
        guard (try? handle.write(contentsOf: Data(text.utf8))) != nil, fsync(descriptor) == 0,
            rename(draft, path) == 0
        else {
            let failure = failure("write", path)
            unlink(draft)
            throw failure
        }
    }

    static func read(_ path: String) throws(CertificateFailure) -> String {
        guard let handle = FileHandle(forReadingAtPath: path) else { throw failure("open", path) }
        guard let bytes = try? handle.read(upToCount: bytesMax), let text = String(data: bytes, encoding: .utf8) else {
            throw .unreadable(path: path)
        }
        return text
    }

    static func readKey(_ path: String) throws(CertificateFailure) -> P256.Signing.PrivateKey {
        guard let key = try? P256.Signing.PrivateKey(pemRepresentation: try read(path)) else {
            throw .unreadable(path: path)
        }
        return key
    }

    /// A key that is there stays: what was signed for it, or by it, goes on being good.
    static func readOrCreateKey(_ path: String) throws(CertificateFailure) -> P256.Signing.PrivateKey {
        guard !exists(path) else { return try readKey(path) }
        let key = P256.Signing.PrivateKey()
        try write(key.pemRepresentation, to: path, mode: keyMode)
        return key
    }

    private static func failure(_ operation: String, _ path: String) -> CertificateFailure {
        .system(operation: operation, path: path, errno: errno)
    }
}
