import CLMDB
import Wire

/// One row, as it lies in LMDB's map: valid only inside the visit that it is handed to.
typealias MappedRow = (key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer)

/// A consistent view of the databases, valid inside the closure that it is handed to.
struct ReadTransaction {
    private let pointer: OpaquePointer?
    private let handles: [MDB_dbi]

    init(pointer: OpaquePointer?, handles: [MDB_dbi]) {
        self.pointer = pointer
        self.handles = handles
    }

    func value(in database: LMDBEnvironment.Database, forKey key: [UInt8]) throws(StorageError) -> [UInt8]? {
        guard let mapped = try get(pointer, handles[database.rawValue], key) else { return nil }
        return [UInt8](mapped)
    }

    /// Visits rows from the first key at or after `lower`, ascending, until `body` returns false.
    func ascend(
        _ database: LMDBEnvironment.Database, from lower: [UInt8], _ body: (MappedRow) throws(StorageError) -> Bool
    ) throws(StorageError) {
        let cursor = try Cursor(pointer, handles[database.rawValue])
        var row = try cursor.seek(lower)
        while let current = row, try body(current) { row = try cursor.move(MDB_NEXT) }
    }

    /// Visits the first row at or after `key`, and unless `isFound` says that it is the one, the last row before `key`.
    func look(
        up key: [UInt8], in database: LMDBEnvironment.Database, isFound: (MappedRow) throws(StorageError) -> Bool,
        before: (MappedRow) throws(StorageError) -> Void
    ) throws(StorageError) {
        let cursor = try Cursor(pointer, handles[database.rawValue])
        let next = try cursor.seek(key)
        if let next, try isFound(next) { return }
        if let row = try cursor.move(next == nil ? MDB_LAST : MDB_PREV) { try before(row) }
    }

    /// Visits rows from the last key below `upper`, descending, until `body` returns false.
    func descend(
        _ database: LMDBEnvironment.Database, below upper: [UInt8], _ body: (MappedRow) throws(StorageError) -> Bool
    ) throws(StorageError) {
        let cursor = try Cursor(pointer, handles[database.rawValue])
        let found = try cursor.seek(upper)
        var row = try cursor.move(found == nil ? MDB_LAST : MDB_PREV)
        while let current = row, try body(current) { row = try cursor.move(MDB_PREV) }
    }
}

/// A write transaction, valid inside the closure that it is handed to.
struct WriteTransaction {
    private let pointer: OpaquePointer?
    private let handles: [MDB_dbi]

    init(pointer: OpaquePointer?, handles: [MDB_dbi]) {
        self.pointer = pointer
        self.handles = handles
    }

    /// The row's value as it lies in the map, valid until the next change; nil when there is no such row.
    func mappedValue(
        in database: LMDBEnvironment.Database, forKey key: [UInt8]
    ) throws(StorageError) -> UnsafeRawBufferPointer? {
        try get(pointer, handles[database.rawValue], key)
    }

    func put(_ value: [UInt8], in database: LMDBEnvironment.Database, forKey key: [UInt8]) throws(StorageError) {
        try put(in: database, forKey: key, count: value.count) { $0.copyBytes(from: value) }
    }

    /// Makes room for a value of `count` bytes, which `fill` writes straight into LMDB's page.
    func put(
        in database: LMDBEnvironment.Database, forKey key: [UInt8], count: Int,
        fill: (UnsafeMutableRawBufferPointer) -> Void
    ) throws(StorageError) {
        var value = MDB_val(mv_size: count, mv_data: nil)
        try check(reserve(key, &value, in: database, MDB_RESERVE), "writing to \(database)")
        fill(UnsafeMutableRawBufferPointer(start: value.mv_data, count: count))
    }

    /// As `put`, for rows that come in the order of their keys, but for a few: pages are filled to their ends.
    func append(
        in database: LMDBEnvironment.Database, forKey key: [UInt8], count: Int,
        fill: (UnsafeMutableRawBufferPointer) -> Void
    ) throws(StorageError) {
        var value = MDB_val(mv_size: count, mv_data: nil)
        let code = reserve(key, &value, in: database, MDB_RESERVE | MDB_APPEND)
        // It does not come behind all that are there.
        if code == MDB_KEYEXIST { return try put(in: database, forKey: key, count: count, fill: fill) }
        try check(code, "writing to \(database)")
        fill(UnsafeMutableRawBufferPointer(start: value.mv_data, count: count))
    }

    private func reserve(
        _ key: [UInt8], _ value: inout MDB_val, in database: LMDBEnvironment.Database, _ flags: Int32
    ) -> Int32 {
        withKey(key) { mdb_put(pointer, handles[database.rawValue], &$0, &value, UInt32(flags)) }
    }

    /// The keys at or after `lower` and before `upper`, ascending, at most `countMax`.
    func keys(
        in database: LMDBEnvironment.Database, from lower: [UInt8], below upper: [UInt8], countMax: Int
    ) throws(StorageError) -> [[UInt8]] {
        let cursor = try Cursor(pointer, handles[database.rawValue])
        var keys: [[UInt8]] = []
        var row = try cursor.seek(lower)
        while let current = row, keys.count < countMax {
            let key = [UInt8](copying: current.key)
            guard key.lexicographicallyPrecedes(upper) else { break }
            keys.append(key)
            row = try cursor.move(MDB_NEXT)
        }
        return keys
    }

    /// Deletes the row if there is one.
    func delete(from database: LMDBEnvironment.Database, key: [UInt8]) throws(StorageError) {
        let code = withKey(key) { mdb_del(pointer, handles[database.rawValue], &$0, nil) }
        guard code != MDB_NOTFOUND else { return }
        try check(code, "deleting from \(database)")
    }
}

/// A cursor that is closed when it goes out of scope, which is always before its transaction ends.
private struct Cursor: ~Copyable {
    private let pointer: OpaquePointer?

    init(_ transaction: OpaquePointer?, _ handle: MDB_dbi) throws(StorageError) {
        var pointer: OpaquePointer?
        try check(mdb_cursor_open(transaction, handle, &pointer), "mdb_cursor_open")
        self.pointer = pointer
    }

    deinit { mdb_cursor_close(pointer) }

    /// The first row at or after `key`.
    func seek(_ key: [UInt8]) throws(StorageError) -> MappedRow? {
        var value = MDB_val()
        var found = MDB_val()
        let code = withKey(key) { key in
            let code = mdb_cursor_get(pointer, &key, &value, MDB_SET_RANGE)
            found = key
            return code
        }
        return try row(code, found, value)
    }

    func move(_ operation: MDB_cursor_op) throws(StorageError) -> MappedRow? {
        var key = MDB_val()
        var value = MDB_val()
        let code = mdb_cursor_get(pointer, &key, &value, operation)
        return try row(code, key, value)
    }

    private func row(_ code: Int32, _ key: MDB_val, _ value: MDB_val) throws(StorageError) -> MappedRow? {
        guard code != MDB_NOTFOUND else { return nil }
        try check(code, "mdb_cursor_get")
        return (
            UnsafeRawBufferPointer(start: key.mv_data, count: key.mv_size),
            UnsafeRawBufferPointer(start: value.mv_data, count: value.mv_size)
        )
    }
}

private func get(
    _ transaction: OpaquePointer?, _ handle: MDB_dbi, _ key: [UInt8]
) throws(StorageError) -> UnsafeRawBufferPointer? {
    var value = MDB_val()
    let code = withKey(key) { mdb_get(transaction, handle, &$0, &value) }
    guard code != MDB_NOTFOUND else { return nil }
    try check(code, "reading")
    return UnsafeRawBufferPointer(start: value.mv_data, count: value.mv_size)
}

/// Lends `bytes` to LMDB as a key. LMDB reads what it is given and never writes through it.
private func withKey(_ bytes: [UInt8], _ body: (inout MDB_val) -> Int32) -> Int32 {
    bytes.withUnsafeBytes { buffer in
        var key = MDB_val(mv_size: buffer.count, mv_data: UnsafeMutableRawPointer(mutating: buffer.baseAddress))
        return body(&key)
    }
}
