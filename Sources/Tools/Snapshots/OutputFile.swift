import Foundation

/// A file that appears under its name when all of it is on the disk, and not before.
///
/// It grows under a temporary name beside it, which its writer holds locked; one that a process left behind when it
/// ended is taken by the next.
public final class OutputFile {
    private let path: String
    let temporary: String
    private let replacing: Bool
    private let descriptor: Int32
    private let progress: (Int) -> Void
    /// Bytes of the file so far.
    private(set) var size = 0
    /// Of a file that is encrypted.
    private var sealed: SealedOutput?

    /// - Parameters:
    ///   - replacing: whether a file that is there already may be replaced.
    ///   - key: what it is encrypted with; nil for a file that is not.
    ///   - progress: is told how many bytes the file has so far.
    /// - Throws: also while another writes the same file, and where something else than a file is.
    public init(
        path: String, replacing: Bool, key: SnapshotKey? = nil, progress: @escaping (Int) -> Void = { _ in }
    ) throws(SnapshotFailure) {
        try Self.requirePlace(path, replacing: replacing)
        self.path = path
        self.replacing = replacing
        self.progress = progress
        sealed = key.map { SealedOutput($0) }
        temporary = path + ".creating"
        descriptor = try Self.create(temporary)
    }

    /// Nothing but a file is replaced: not a device, nor what a link leads to.
    private static func requirePlace(_ path: String, replacing: Bool) throws(SnapshotFailure) {
        var found = stat()
        guard lstat(path, &found) == 0 else { return }
        guard found.st_mode & S_IFMT == S_IFREG else {
            throw .system(operation: "writing \(path)", message: "it is there already, and is no file")
        }
        guard replacing else { throw .alreadyThere(path: path) }
    }

    /// An empty file that no other process writes, and that has no other name: a process that ended while it named one
    /// may have left it both.
    private static func create(_ path: String) throws(SnapshotFailure) -> Int32 {
        while true {
            let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { throw .posix("creating \(path)") }
            do throws(SnapshotFailure) {
                guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
                    guard errno == EWOULDBLOCK else { throw .posix("locking \(path)") }
                    throw .system(operation: "writing \(path)", message: "another process does")
                }
                var (locked, named) = (stat(), stat())
                guard fstat(descriptor, &locked) == 0 else { throw .posix("examining \(path)") }
                // The writer that had the lock before may have given the file its name or taken it back.
                let isStill = lstat(path, &named) == 0 && named.st_dev == locked.st_dev && named.st_ino == locked.st_ino
                if isStill, locked.st_nlink == 1 {
                    guard ftruncate(descriptor, 0) == 0 else { throw .posix("emptying \(path)") }
                    return descriptor
                }
                guard !isStill || unlink(path) == 0 else { throw .posix("removing \(path)") }
                close(descriptor)
            } catch {
                close(descriptor)
                throw error
            }
        }
    }

    deinit { close(descriptor) }

    public func append(_ bytes: [UInt8]) throws(SnapshotFailure) {
        try put(sealed?.append(bytes) ?? bytes)
    }

    /// Writes what encryption has held back: nothing is appended any more.
    func complete() throws(SnapshotFailure) {
        if let sealed { try put(sealed.end()) }
    }

    private func put(_ bytes: [UInt8]) throws(SnapshotFailure) {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { bytes in
                write(descriptor, bytes.baseAddress! + written, bytes.count - written)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .posix("writing \(temporary)") }
            written += count
        }
        size += written
        progress(size)
    }

    /// Makes the file durable and gives it its name.
    public func finish() throws(SnapshotFailure) {
        guard fsync(descriptor) == 0 else { throw .posix("flushing \(temporary)") }
        if replacing {
            guard rename(temporary, path) == 0 else { throw .posix("renaming \(temporary)") }
        } else {
            guard link(temporary, path) == 0 else {
                if errno == EEXIST { throw .alreadyThere(path: path) }
                throw .posix("naming \(path)")
            }
            unlink(temporary)
        }
        try syncFolder(of: path)
    }

    /// Takes back what has been written.
    func abandon() { unlink(temporary) }
}

/// Makes the names in the folder of `path` durable.
func syncFolder(of path: String) throws(SnapshotFailure) {
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    let descriptor = open(folder, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .posix("opening \(folder)") }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw .posix("flushing \(folder)") }
}

extension SnapshotFailure {
    /// The failure that `errno` names.
    static func posix(_ operation: String) -> SnapshotFailure {
        let code = errno
        return .system(operation: operation, message: String(cString: strerror(code)))
    }
}
