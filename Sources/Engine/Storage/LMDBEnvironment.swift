import CLMDB
import Foundation
import Synchronization

/// One LMDB environment with its three databases. The only code that holds LMDB's pointers.
///
/// Opened with the default sync flags and `MDB_NOTLS`: every other mode lost acknowledged data when the power was
/// cut. A write transaction lives and dies inside one synchronous closure on one thread.
final class LMDBEnvironment: Sendable {
    enum Database: Int, CaseIterable {
        case log, hard, state
    }

    /// 512 GiB, far above what a node of this kind keeps: the map only reserves addresses, and resizing under an open
    /// reader is not safe. A process has addresses for some 250 of them.
    static let mapBytes = 1 << 39
    /// Readers at once: every thread that may read, and the tools.
    private static let readersMax: UInt32 = 254

    // LMDB's environment is thread-safe; with MDB_NOTLS a read transaction may move between threads.
    private nonisolated(unsafe) let environment: OpaquePointer
    private let path: String
    private let handles: [MDB_dbi]
    private let readers = Mutex(Readers())
    /// What the first commit that failed said. Held while one is under way: LMDB refuses every reader and writer from
    /// the failure on, and says no more than that there was one.
    private let failure = Mutex<StorageError?>(nil)

    private struct Readers {
        /// Reset read transactions waiting for their next use.
        var idle: [Reader] = []
        var active = 0
        var isClosed = false
        /// More than the threads that read at once; a surplus one is simply ended.
        static let idleMax = 16
    }

    // With MDB_NOTLS a read transaction belongs to no thread; each is in the idle list or with one reader, never both.
    private struct Reader: @unchecked Sendable {
        let pointer: OpaquePointer
    }

    /// Opens the environment in the directory `path`, which is locked by the caller.
    init(path: String) throws(StorageError) {
        try allocateReaderTable(path + "/lock.mdb")
        var environment: OpaquePointer?
        try check(mdb_env_create(&environment), "mdb_env_create")
        guard let environment else { throw .system(operation: "mdb_env_create", code: 0, message: "no environment") }
        do {
            try check(mdb_env_set_mapsize(environment, Self.mapBytes), "mdb_env_set_mapsize")
            try check(mdb_env_set_maxdbs(environment, 8), "mdb_env_set_maxdbs")
            try check(mdb_env_set_maxreaders(environment, Self.readersMax), "mdb_env_set_maxreaders")
            try check(mdb_env_open(environment, path, UInt32(MDB_NOTLS), 0o600), "opening \(path)")
            try requireWholeFile(path + "/data.mdb", environment)
            var dead: Int32 = 0
            try check(mdb_reader_check(environment, &dead), "mdb_reader_check")
            handles = try Self.openDatabases(environment)
        } catch {
            mdb_env_close(environment)
            throw error
        }
        self.environment = environment
        self.path = path
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

    /// Closes the environment, or leaves that to the last of those who are reading. No write may be under way.
    func close() {
        let last = readers.withLock { readers in
            defer { readers.isClosed = true }
            return !readers.isClosed && readers.active == 0
        }
        if last { closeDown() }
    }

    private func closeDown() {
        let idle = readers.withLock { readers in
            defer { readers.idle = [] }
            return readers.idle
        }
        for reader in idle { mdb_txn_abort(reader.pointer) }
        mdb_env_close(environment)
    }

    /// Runs `body` in a write transaction and commits it: when this returns, the changes are on the disk.
    func write(_ body: (WriteTransaction) throws(StorageError) -> Void) throws(StorageError) {
        var transaction: OpaquePointer?
        try checkBeginning(mdb_txn_begin(environment, nil, 0, &transaction), "mdb_txn_begin")
        do {
            try body(WriteTransaction(pointer: transaction, handles: handles))
        } catch {
            mdb_txn_abort(transaction)
            throw error
        }
        let result = failure.withLock { failure in
            let result = Result { () throws(StorageError) in try check(mdb_txn_commit(transaction), "commit") }
            if case .failure(let error) = result, failure == nil { failure = error }
            return result
        }
        try result.get()
    }

    /// As `check`, of the beginning of a transaction: behind a commit that failed it names what that said.
    private func checkBeginning(_ code: Int32, _ operation: String) throws(StorageError) {
        if code == MDB_PANIC, let failure = failure.withLock({ $0 }) { throw failure }
        try check(code, operation)
    }

    /// Runs `body` against one consistent view. Values must be copied out before it returns.
    func read<Value>(_ body: (ReadTransaction) throws(StorageError) -> Value) throws(StorageError) -> Value {
        let idle = try enter()
        defer { leave() }
        let reader = try begin(idle)
        defer {
            mdb_txn_reset(reader.pointer)
            keep(reader)
        }
        return try body(ReadTransaction(pointer: reader.pointer, handles: handles))
    }

    /// One consistent view that lasts as long as it is kept.
    func hold() throws(StorageError) -> HeldView {
        let idle = try enter()
        do throws(StorageError) {
            let reader = try begin(idle)
            return HeldView(ReadTransaction(pointer: reader.pointer, handles: handles)) { [self] in
                mdb_txn_reset(reader.pointer)
                keep(reader)
                leave()
            }
        } catch {
            leave()
            throw error
        }
    }

    /// Counts one reader in, and hands it an idle transaction when there is one.
    private func enter() throws(StorageError) -> Reader? {
        let entered: (isOpen: Bool, idle: Reader?) = readers.withLock { readers in
            guard !readers.isClosed else { return (false, nil) }
            readers.active += 1
            return (true, readers.idle.popLast())
        }
        guard entered.isOpen else { throw .closed(path: path) }
        return entered.idle
    }

    private func begin(_ idle: Reader?) throws(StorageError) -> Reader {
        if let idle {
            let code = mdb_txn_renew(idle.pointer)
            if code != 0 { mdb_txn_abort(idle.pointer) }
            try checkBeginning(code, "mdb_txn_renew")
            return idle
        }
        var transaction: OpaquePointer?
        try checkBeginning(mdb_txn_begin(environment, nil, UInt32(MDB_RDONLY), &transaction), "mdb_txn_begin")
        guard let transaction else { throw .system(operation: "mdb_txn_begin", code: 0, message: "no transaction") }
        return Reader(pointer: transaction)
    }

    private func keep(_ reader: Reader) {
        let isKept = readers.withLock { readers in
            guard readers.idle.count < Readers.idleMax else { return false }
            readers.idle.append(reader)
            return true
        }
        if !isKept { mdb_txn_abort(reader.pointer) }
    }

    private func leave() {
        let last = readers.withLock { readers in
            readers.active -= 1
            return readers.isClosed && readers.active == 0
        }
        if last { closeDown() }
    }
}

/// A view of the databases, to be used by one thread at a time.
final class HeldView {
    let transaction: ReadTransaction
    private let end: () -> Void

    fileprivate init(_ transaction: ReadTransaction, end: @escaping () -> Void) {
        self.transaction = transaction
        self.end = end
    }

    deinit { end() }
}

/// Turns a return code of LMDB, or of the system through it, into an error.
func check(_ code: Int32, _ operation: @autoclosure () -> String) throws(StorageError) {
    guard code != 0 else { return }
    throw .system(operation: operation(), code: code, message: String(cString: mdb_strerror(code)))
}
