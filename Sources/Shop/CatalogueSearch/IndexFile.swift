import Foundation
import GRDB

/// The file of an index: opening, recognising and deleting it.
enum IndexFile {
    /// Pages that a connection keeps for itself, in KiB; the system's page cache holds the rest.
    private static let cacheKilobytes = 16 * 1_024
    /// Pages of the write-ahead log after which it is brought into the file, 64 MiB: a page that many batches change,
    /// such as one of the index of what sells best, is brought there once for all of them.
    private static let checkpointPages = 16_384

    static func open(
        _ location: CatalogueIndex.Location, readersMax: Int
    ) throws(CatalogueIndexFailure) -> (any DatabaseWriter, CatalogueIndex.Opening) {
        do {
            guard case .file(let path) = location else {
                let database = try DatabaseQueue(configuration: configuration(readersMax: readersMax))
                try database.write(create)
                return (database, .created)
            }
            let found = try inspect(path)
            if found == .rebuilt { try delete(path) }
            // WAL with synchronous NORMAL, as the pool sets it: a power cut loses the last transactions, whole.
            let database = try DatabasePool(path: path, configuration: configuration(readersMax: readersMax))
            if found != .resumed { try database.write(create) }
            return (database, found)
        } catch { throw CatalogueIndexFailure(error) }
    }

    static func delete(_ path: String) throws(CatalogueIndexFailure) {
        for file in [path, path + "-wal", path + "-shm"] where FileManager.default.fileExists(atPath: file) {
            do { try FileManager.default.removeItem(atPath: file) } catch { throw CatalogueIndexFailure(error) }
        }
    }

    /// What must be done with the file, found out without writing to it: it may be another program's.
    private static func inspect(_ path: String) throws -> CatalogueIndex.Opening {
        guard FileManager.default.fileExists(atPath: path) else { return .created }
        var configuration = Configuration()
        configuration.readonly = true
        do {
            let database = try DatabaseQueue(path: path, configuration: configuration)
            defer { try? database.close() }
            return try database.read { db in
                let isEmpty = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_schema")! == 0
                if isEmpty { return .created }
                guard try Int.fetchOne(db, sql: "PRAGMA application_id")! == IndexSchema.applicationID else {
                    throw CatalogueIndexFailure(.foreign, "not a catalogue index: \(path)")
                }
                guard try Int.fetchOne(db, sql: "PRAGMA user_version")! == IndexSchema.version else { return .rebuilt }
                guard
                    try shape(of: db)
                        == DatabaseQueue(configuration: Self.configuration(readersMax: 1)).write({
                            try create($0)
                            return try shape(of: $0)
                        })
                else { return .rebuilt }
                _ = try IndexReader.positions(in: db)
                return .resumed
            }
        } catch let error as DatabaseError where CatalogueIndexFailure.Code(error.resultCode) == .damaged {
            return .rebuilt
        }
    }

    private static func configuration(readersMax: Int) -> Configuration {
        var configuration = Configuration()
        configuration.label = "catalogue-search"
        configuration.maximumReaderCount = readersMax
        configuration.prepareDatabase { db in
            try db.execute(
                sql: """
                    PRAGMA cache_size = -\(cacheKilobytes); PRAGMA temp_store = MEMORY;
                    PRAGMA wal_autocheckpoint = \(checkpointPages)
                    """)
            db.add(tokenizer: CatalogueTokenizer.self)
            try Relevance.register(in: db)
        }
        return configuration
    }

    /// The definition of every table and index: other than that of a new index, the file is damaged.
    private static func shape(of db: Database) throws -> [String?] {
        try Optional<String>.fetchAll(
            db, sql: "SELECT type || name || ifnull(sql, '') FROM sqlite_schema ORDER BY type, name")
    }

    private static func create(_ db: Database) throws {
        try db.execute(
            sql: """
                PRAGMA application_id = \(IndexSchema.applicationID);
                PRAGMA user_version = \(IndexSchema.version);
                \(IndexSchema.tables)
                """)
    }
}
