import CLMDB
import Foundation

/// More than LMDB's table of readers takes.
private let readerTableBytes = 32 << 10

/// Makes sure that every block of LMDB's table of readers is on the disk.
///
/// LMDB maps the table out of a file with holes: on a full disk the first touch of a hole kills the process with
/// SIGBUS.
func allocateReaderTable(_ path: String) throws(StorageError) {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw .posix("opening \(path)") }
    defer { close(descriptor) }
    var facts = stat()
    guard fstat(descriptor, &facts) == 0 else { throw .posix("examining \(path)") }
    guard Int(facts.st_blocks) * 512 < readerTableBytes || Int(facts.st_size) < readerTableBytes else { return }
    let zeros = [UInt8](repeating: 0, count: readerTableBytes)
    var written = 0
    // The last that fits on a full disk is written in part: the next write says what is wrong.
    while written < zeros.count {
        let count = pwrite(descriptor, zeros, zeros.count - written, off_t(written))
        guard count > 0 else { throw .posix("allocating \(path)") }
        written += count
    }
    guard fsync(descriptor) == 0 else { throw .posix("allocating \(path)") }
}

/// Makes what was created, renamed or removed in the directory survive a power cut.
func syncDirectory(_ path: String) throws(StorageError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .posix("opening \(path)") }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw .posix("flushing \(path)") }
}

/// The file holds every page that LMDB may read.
///
/// LMDB reads through a map: a page behind the end of the file kills the process with SIGBUS. Pages at the end may
/// rightly be missing when they are free: LMDB does not write what is not needed. A file that is too short is filled up
/// with zeros, which LMDB knows for no page, so that the list of free pages can be read; if it lacks more than free
/// pages, it is cut back to what was found.
func requireWholeFile(_ path: String, _ environment: OpaquePointer) throws(StorageError) {
    var info = MDB_envinfo()
    var page = MDB_stat()
    try check(mdb_env_info(environment, &info), "mdb_env_info")
    try check(mdb_env_stat(environment, &page), "mdb_env_stat")
    let pageBytes = Int(page.ms_psize)
    let expected = (info.me_last_pgno + 1) * pageBytes
    var facts = stat()
    guard stat(path, &facts) == 0 else { throw .posix("examining \(path)") }
    let found = Int(facts.st_size)
    guard found < expected else { return }
    guard truncate(path, off_t(expected)) == 0 else { throw .posix("filling up \(path)") }
    let missing = Set(found / pageBytes...info.me_last_pgno)
    if let free = freePages(environment), missing.isSubset(of: free) { return }
    guard truncate(path, off_t(found)) == 0 else { throw .posix("cutting back \(path)") }
    throw .fileCutShort(path: path, bytes: UInt64(found), bytesExpected: UInt64(expected))
}

/// The pages that LMDB's list of free pages names; nil when the list cannot be read.
private func freePages(_ environment: OpaquePointer) -> Set<Int>? {
    var transaction: OpaquePointer?
    guard mdb_txn_begin(environment, nil, UInt32(MDB_RDONLY), &transaction) == 0 else { return nil }
    defer { mdb_txn_abort(transaction) }
    var cursor: OpaquePointer?
    // Database 0 is LMDB's own list: transaction -> count, then as many page numbers.
    guard mdb_cursor_open(transaction, 0, &cursor) == 0 else { return nil }
    defer { mdb_cursor_close(cursor) }
    var free: Set<Int> = []
    var key = MDB_val()
    var value = MDB_val()
    while true {
        let code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)
        if code == MDB_NOTFOUND { return free }
        guard code == 0 else { return nil }
        let words = UnsafeRawBufferPointer(start: value.mv_data, count: value.mv_size).bindMemory(to: Int.self)
        guard let count = words.first, count >= 0, count < words.count else { return nil }
        free.formUnion(words[1...count])
    }
}
