import GRDB
import GRDBSQLite

/// Ends the statements of a connection when a moment has passed.
struct ReadDeadline {
    private let moment: ContinuousClock.Instant
    private var hasPassed = false

    /// How many of SQLite's steps, of some 50 ns each, between two looks at the clock.
    private static let stepsBetweenLooks: CInt = 2_000

    /// Runs `read` until `moment`.
    ///
    /// - Throws: `CatalogueSearchError.tookTooLong` once the moment has passed, whatever the statement that was
    ///   interrupted called it.
    static func with<T>(_ moment: ContinuousClock.Instant, on db: Database, _ read: () throws -> T) throws -> T {
        guard ContinuousClock.now < moment else { throw CatalogueSearchError.tookTooLong }
        guard let connection = db.sqliteConnection else { throw CancellationError() }
        var deadline = ReadDeadline(moment: moment)
        return try withUnsafeMutablePointer(to: &deadline) { pointer in
            sqlite3_progress_handler(
                connection, stepsBetweenLooks,
                { context in
                    let deadline = context!.assumingMemoryBound(to: ReadDeadline.self)
                    deadline.pointee.hasPassed = deadline.pointee.moment < .now
                    return deadline.pointee.hasPassed ? 1 : 0
                }, pointer)
            defer { sqlite3_progress_handler(connection, 0, nil, nil) }
            do { return try read() } catch {
                throw pointer.pointee.hasPassed ? CatalogueSearchError.tookTooLong : error
            }
        }
    }
}
