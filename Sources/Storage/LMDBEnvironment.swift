import CLMDB
import Foundation

/// One LMDB environment with its three databases. The only code that holds LMDB's pointers.
///
/// Opened with the default sync flags and `MDB_NOTLS`: every other mode lost acknowledged data when the power was
/// cut. A write transaction lives and dies inside one synchronous closure on one thread.
final class LMDBEnvironment: Sendable {
    enum Database: Int, CaseIterable {
        case log, hard, state
    }

    /// Far above any disk here: the map only reserves addresses, and resizing under an open reader is not safe.
    private static let mapBytes = 1 << 40
    /// Readers at once: every thread that may read, and the tools.
    private static let readersMax: UInt32 = 254

    // LMDB's environment is thread-safe; with MDB_NOTLS a read transaction may move between threads.
    private nonisolated(unsafe) let environment: OpaquePointer
    private let handles: [MDB_dbi]
    private let idleReaders = IdleReaders()

    init(path: String) throws(StorageError) {
        var environment: OpaquePointer?
        try check(mdb_env_create(&environment), "mdb_env_create")
        guard let environment else { throw .system(operation: "mdb_env_create", code: 0, message: "no environment") }
        do {
            try check(mdb_env_set_mapsize(environment, Self.mapBytes), "mdb_env_set_mapsize")
            try check(mdb_env_set_maxdbs(environment, 8), "mdb_env_set_maxdbs")
            try check(mdb_env_set_maxreaders(environment, Self.readersMax), "mdb_env_set_maxreaders")
            try check(mdb_env_open(environment, path, UInt32(MDB_NOTLS), 0o600), "opening \(path)")
            var dead: Int32 = 0
            try check(mdb_reader_check(environment, &dead), "mdb_reader_check")
            handles = try Self.openDatabases(environment)
        } catch {
            mdb_env_close(environment)
            throw error
        }
        self.environment = environment
    }

    private static func openDatabases(_ environment: OpaquePointer) throws(StorageError) -> [MDB_dbi] {
        var transaction: OpaquePointer?
        try check(mdb_txn_begin(environment, nil, 0, &transaction), "mdb_txn_begin")
        var handles: [MDB_dbi] = []
        do {
            for database in Database.allCases {
                var handle: MDB_dbi = 0
                try check(mdb_dbi_open(transaction, "\(database)", UInt32(MDB_CREATE), &handle), "opening \(database)")
                handles.append(handle)
            }
        } catch {
            mdb_txn_abort(transaction)
            throw error
        }
        try check(mdb_txn_commit(transaction), "creating the databases")
        return handles
    }

    /// Closes the environment. Nothing may use it, or a value out of it, afterwards.
    func close() {
        for reader in idleReaders.drain() { mdb_txn_abort(reader) }
        mdb_env_close(environment)
    }

    /// Runs `body` in a write transaction and commits it: when this returns, the changes are on the disk.
    func write(_ body: (borrowing WriteTransaction) throws(StorageError) -> Void) throws(StorageError) {
        var transaction: OpaquePointer?
        try check(mdb_txn_begin(environment, nil, 0, &transaction), "mdb_txn_begin")
        do {
            try body(WriteTransaction(pointer: transaction, handles: handles))
        } catch {
            mdb_txn_abort(transaction)
            throw error
        }
        try check(mdb_txn_commit(transaction), "commit")
    }

    /// Runs `body` against one consistent view. Values must be copied out before it returns.
    func read<Value>(_ body: (borrowing ReadTransaction) throws(StorageError) -> Value) throws(StorageError) -> Value {
        let transaction = try beginRead()
        defer {
            mdb_txn_reset(transaction)
            if let surplus = idleReaders.put(transaction) { mdb_txn_abort(surplus) }
        }
        return try body(ReadTransaction(pointer: transaction, handles: handles))
    }

    private func beginRead() throws(StorageError) -> OpaquePointer {
        if let idle = idleReaders.take() {
            try check(mdb_txn_renew(idle), "mdb_txn_renew")
            return idle
        }
        var transaction: OpaquePointer?
        try check(mdb_txn_begin(environment, nil, UInt32(MDB_RDONLY), &transaction), "mdb_txn_begin")
        guard let transaction else { throw .system(operation: "mdb_txn_begin", code: 0, message: "no transaction") }
        return transaction
    }
}

/// Reset read transactions waiting for their next use.
private final class IdleReaders: Sendable {
    /// More than the threads that read at once; a surplus one is simply ended.
    private static let countMax = 16
    // Guarded by the lock; each pointer is in the list or with one reader, never both.
    private nonisolated(unsafe) var pointers: [OpaquePointer] = []
    private let lock = NSLock()

    func take() -> OpaquePointer? { lock.withLock { pointers.popLast() } }

    /// Keeps `pointer` for the next reader, or hands it back to be ended.
    func put(_ pointer: OpaquePointer) -> OpaquePointer? {
        lock.withLock {
            guard pointers.count < Self.countMax else { return pointer }
            pointers.append(pointer)
            return nil
        }
    }

    func drain() -> [OpaquePointer] {
        lock.withLock {
            defer { pointers = [] }
            return pointers
        }
    }
}

/// Turns a return code of LMDB, or of the system through it, into an error.
func check(_ code: Int32, _ operation: @autoclosure () -> String) throws(StorageError) {
    guard code != 0 else { return }
    throw .system(operation: operation(), code: code, message: String(cString: mdb_strerror(code)))
}
