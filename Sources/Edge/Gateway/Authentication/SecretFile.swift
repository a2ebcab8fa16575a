#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A file with a secret in it: readable by its owner alone.
public enum SecretFile {
    public enum Failure: Error, Equatable, CustomStringConvertible {
        case system(operation: String, path: String, errno: Int32)
        /// Group or others may read or write it.
        case exposed(path: String, mode: UInt32)
        /// Group or others may look or write into the directory that holds secrets.
        case directoryExposed(path: String, mode: UInt32)
        case tooLarge(path: String)

        public var description: String {
            switch self {
            case .system(let operation, let path, let code): "\(operation) \(path): \(String(cString: strerror(code)))"
            case .exposed(let path, let mode):
                "\(path) holds a secret and has mode \(String(mode, radix: 8)); make it 600 (chmod 600 \(path))"
            case .directoryExposed(let path, let mode):
                "\(path) holds secrets and has mode \(String(mode, radix: 8)); make it 700 (chmod 700 \(path))"
            case .tooLarge(let path): "\(path) is too large for a secret"
            }
        }
    }

    /// - Throws: ``Failure`` for a directory that others than its owner may look or write into; none is fine.
    static func requireOwn(directory path: String) throws(Failure) {
        var status = stat()
        guard stat(path, &status) == 0 else {
            if errno == ENOENT { return }
            throw failure("stat", path)
        }
        let mode = UInt32(status.st_mode) & 0o777
        guard mode & 0o077 == 0 else { throw .directoryExposed(path: path, mode: mode) }
    }

    /// No secret of ours has as much; a path given by mistake must not be read whole.
    static let lengthMax = 64 << 10

    /// - Throws: ``Failure``, also for a file that others may read.
    public static func read(_ path: String) throws(Failure) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("open", path) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure("stat", path) }
        let mode = UInt32(status.st_mode) & 0o777
        guard mode & 0o077 == 0 else { throw .exposed(path: path, mode: mode) }
        guard status.st_size <= lengthMax else { throw .tooLarge(path: path) }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeMutableBytes {
                pread(descriptor, $0.baseAddress! + done, $0.count - done, off_t(done))
            }
            guard count > 0 else { throw failure("read", path) }
            done += count
        }
        return bytes
    }

    /// Writes a new file with mode 0600, whole or not at all, and flushes it.
    ///
    /// - Throws: ``Failure``; `EEXIST` when there is one already.
    public static func create(_ path: String, _ bytes: [UInt8]) throws(Failure) {
        let draft = path + ".new"
        unlink(draft)
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure("create", draft) }
        defer { close(descriptor) }
        defer { unlink(draft) }
        guard write(descriptor, bytes, bytes.count) == bytes.count, fsync(descriptor) == 0 else {
            throw failure("write", draft)
        }
        // A link refuses to replace a file, which a rename does not.
        guard link(draft, path) == 0 else { throw failure("create", path) }
        let slash = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        let directory = open(slash.isEmpty ? "/" : slash, O_RDONLY | O_CLOEXEC)
        guard directory >= 0 else { throw failure("open", slash) }
        defer { close(directory) }
        guard fsync(directory) == 0 else { throw failure("flush", slash) }
    }

    private static func failure(_ operation: String, _ path: String) -> Failure {
        .system(operation: operation, path: path, errno: errno)
    }
}
