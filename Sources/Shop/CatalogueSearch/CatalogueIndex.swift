import EventSourcing
import Foundation
import GRDB
import Synchronization

/// A searchable copy of the catalogue, in one SQLite file.
///
/// It is derived: whatever is in it can be had again from the logs, so it may be deleted at any time and is never
/// repaired. A crash or a power cut takes it back to an earlier position at most, and it says which one: positions are
/// written in the transaction of what they stand for, and every page carries those that it is true of.
public final class CatalogueIndex: Sendable {
    /// How the index came to be.
    public let opening: Opening
    private let database: any DatabaseWriter
    private let limits: Limits
    private let searchesInFlight = Atomic(0)

    public enum Location: Sendable, Equatable {
        /// A file in a directory that exists. SQLite keeps two more beside it, with `-wal` and `-shm` behind the name.
        case file(String)
        /// For tests and demonstrations: searches wait for each other and for changes.
        case memory
    }

    public enum Opening: Sendable, Equatable {
        case created
        case resumed
        /// What was there was of another version or damaged, and is deleted. The logs must be applied from the start.
        case rebuilt
    }

    public struct Limits: Sendable {
        /// How long a search may take, waiting included.
        public var time: Duration
        /// How many searches run at a time, each on a connection and a thread of its own.
        public var readersMax: Int
        /// How many searches run or wait; further ones are refused.
        public var searchesMax: Int

        /// Two seconds are longer than people wait; the rest keeps a burst of slow searches from taking the node down.
        public init(time: Duration = .seconds(2), readersMax: Int = 4, searchesMax: Int = 256) {
            self.time = time
            self.readersMax = readersMax
            self.searchesMax = searchesMax
        }
    }

    /// Opens the index, or begins an empty one. Damage that only shows later is reported by the call that meets it.
    ///
    /// - Throws: `CatalogueIndexFailure` with code `foreign` or `storage`.
    public init(at location: Location, limits: Limits = Limits()) throws(CatalogueIndexFailure) {
        self.limits = limits
        (database, opening) = try IndexFile.open(location, readersMax: limits.readersMax)
    }

    /// Ends searches and changes in progress. The index answers nothing afterwards.
    public func close() throws(CatalogueIndexFailure) {
        do { try database.close() } catch { throw CatalogueIndexFailure(error) }
    }

    /// Deletes the index at `location`, which must be closed.
    public static func discard(at location: Location) throws(CatalogueIndexFailure) {
        guard case .file(let path) = location else { return }
        try IndexFile.delete(path)
    }

    /// Up to where each log has been applied: read on behind it.
    public func positions() async throws(CatalogueIndexFailure) -> AppliedPositions {
        do { return try await database.read { try IndexReader.positions(in: $0) } } catch {
            throw CatalogueIndexFailure(error)
        }
    }

    /// Applies all of `changes`, in order, or none.
    ///
    /// To load more than one batch that only together stand for a position, leave `position` where it is until the
    /// last.
    ///
    /// - Parameters:
    ///   - position: the log has been applied up to here then. Should the index be past it, nothing is done.
    ///   - log: which log; the number of a shard.
    /// - Returns: whether the changes were applied; false when the index was past them.
    @discardableResult
    public func apply(
        _ changes: [CatalogueChange], through position: LogIndex, of log: UInt32 = 0
    ) async throws(CatalogueIndexFailure) -> Bool {
        do {
            return try await database.write { db in
                var writer = try IndexWriter(db)
                return try writer.apply(changes, through: position, of: log)
            }
        } catch { throw CatalogueIndexFailure(error) }
    }

    /// Merges what many batches left behind, which makes searches faster. Worth its seconds after a first load.
    public func compact() async throws(CatalogueIndexFailure) {
        do {
            try await database.write { try $0.execute(sql: "INSERT INTO words_of (words_of) VALUES ('optimize')") }
        } catch { throw CatalogueIndexFailure(error) }
    }

    /// The page of products that `query` asks for.
    public func search(_ query: CatalogueQuery) async throws(CatalogueSearchError) -> CataloguePage {
        guard 1...CatalogueQuery.limitMax ~= query.limit else { throw .limitOutOfRange(max: CatalogueQuery.limitMax) }
        guard query.brands.count <= CatalogueQuery.brandsMax else {
            throw .tooManyBrands(max: CatalogueQuery.brandsMax)
        }
        return try await read { try IndexReader(query, in: $0).page() }
    }

    /// Up to `limit` (1...50) ways to go on from `prefix`: words, brands, categories and titles of active products.
    public func suggest(_ prefix: String, limit: Int = 10) async throws(CatalogueSearchError) -> [CatalogueSuggestion] {
        guard 1...CatalogueSuggestion.limitMax ~= limit else {
            throw .limitOutOfRange(max: CatalogueSuggestion.limitMax)
        }
        return try await read { try Suggestions(db: $0).suggest(prefix, limit: limit) }
    }

    /// Runs `body` on a reader's own thread, within the limits.
    private func read<T: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> T
    ) async throws(CatalogueSearchError) -> T {
        let deadline = ContinuousClock.now + limits.time
        defer { searchesInFlight.subtract(1, ordering: .relaxed) }
        guard searchesInFlight.add(1, ordering: .relaxed).newValue <= limits.searchesMax else { throw .busy }
        do {
            return try await database.read { db in try ReadDeadline.with(deadline, on: db) { try body(db) } }
        } catch let error as CatalogueSearchError {
            throw error
        } catch {
            throw .index(CatalogueIndexFailure(error))
        }
    }
}
