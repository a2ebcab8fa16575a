import CLMDB
import Foundation

extension OfflineDirectory {
    /// Copies the database of a node that may be running, as one moment has it, into the folder `target`. The node is
    /// not disturbed: LMDB lets another process read.
    public static func copyDatabase(ofRunning path: String, into target: String) throws(StorageError) {
        guard FileManager.default.fileExists(atPath: path + "/data.mdb") else { throw .noDataDirectory(path: path) }
        var environment: OpaquePointer?
        try check(mdb_env_create(&environment), "mdb_env_create")
        defer { mdb_env_close(environment) }
        try check(mdb_env_set_mapsize(environment, LMDBEnvironment.mapBytes), "mdb_env_set_mapsize")
        try check(mdb_env_open(environment, path, UInt32(MDB_RDONLY | MDB_NOTLS), 0o600), "opening \(path)")
        try check(mdb_env_copy2(environment, target, 0), "copying \(path)")
    }
}
