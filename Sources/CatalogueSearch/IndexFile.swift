import Foundation
import GRDB

/// The file of an index: opening, recognising and deleting it.
enum IndexFile {
    /// Pages that a connection keeps for itself, in KiB; the system's page cache holds the rest.
    private static let cacheKilobytes = 8 * 1_024

    static func open(
        _ location: CatalogueIndex.Location, readersMax: Int
    ) throws(CatalogueIndexFailure) -> (any DatabaseWriter, CatalogueIndex.Opening) {
        do {
            guard case .file(let path) = location else {
                let database = try DatabaseQueue(configuration: configuration(readersMax: readersMax))
                try database.write(create)
                return (database, .created)
            }
            if let database = try openOurs(path, readersMax: readersMax) { return database }
            try delete(path)
            guard let (database, _) = try openOurs(path, readersMax: readersMax) else {
                throw CatalogueIndexFailure(.damaged, "a new file reads as damaged: \(path)")
            }
            return (database, .rebuilt)
        } catch { throw CatalogueIndexFailure(error) }
    }

    static func delete(_ path: String) throws(CatalogueIndexFailure) {
        for file in [path, path + "-wal", path + "-shm"] where FileManager.default.fileExists(atPath: file) {
            do { try FileManager.default.removeItem(atPath: file) } catch { throw CatalogueIndexFailure(error) }
        }
    }

    /// Opens the file, or begins a new one; nil when it must be deleted first.
    private static func openOurs(_ path: String, readersMax: Int) throws -> (any DatabaseWriter, CatalogueIndex.Opening)? {
        do {
            // WAL with synchronous NORMAL, as the pool sets it: a power cut loses the last transactions, whole.
            let database = try DatabasePool(path: path, configuration: configuration(readersMax: readersMax))
            let opening: CatalogueIndex.Opening? = try database.write { db in
                let version = try Int.fetchOne(db, sql: "PRAGMA user_version")!
                let application = try Int.fetchOne(db, sql: "PRAGMA application_id")!
                let isEmpty = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_schema")! == 0
                if isEmpty {
                    try create(db)
                    return .created
                }
                guard application == IndexSchema.applicationID else {
                    throw CatalogueIndexFailure(.foreign, "not a catalogue index: \(path)")
                }
                guard version == IndexSchema.version else { return nil }
                _ = try IndexReader.positions(in: db)
                return .resumed
            }
            if let opening { return (database, opening) }
            try database.close()
            return nil
        } catch let error as DatabaseError where CatalogueIndexFailure.Code(error.resultCode) == .damaged {
            return nil
        }
    }

    private static func configuration(readersMax: Int) -> Configuration {
        var configuration = Configuration()
        configuration.label = "catalogue-search"
        configuration.maximumReaderCount = readersMax
        configuration.prepareDatabase { db in
            try db.execute(sql: "PRAGMA cache_size = -\(cacheKilobytes); PRAGMA temp_store = MEMORY")
            try Relevance.register(in: db)
        }
        return configuration
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
