import Foundation
import Synchronization

/// Holds a data directory for one process: LMDB must never be opened twice, not even by one program.
final class DirectoryLock: Sendable {
    private let descriptor: Int32
    private let isHeld = Atomic<Bool>(true)

    init(directory: String) throws(StorageError) {
        let path = directory + "/lock"
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .posix("opening \(path)") }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            close(descriptor)
            if code == EWOULDBLOCK { throw .alreadyOpen(path: directory) }
            errno = code
            throw .posix("locking \(path)")
        }
    }

    /// The kernel drops the lock with the last copy of the descriptor, also when the process is killed. Here it is
    /// dropped at once: a child that has been forked and not yet become its program has a copy too.
    func release() {
        guard isHeld.exchange(false, ordering: .relaxed) else { return }
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    deinit { release() }
}

extension StorageError {
    /// The error that `errno` names.
    static func posix(_ operation: String) -> StorageError {
        let code = errno
        return .system(operation: operation, code: code, message: String(cString: strerror(code)))
    }
}
