import Cluster
import EventSourcing
import Foundation

@testable import Storage

/// A directory that goes when the test is done with it.
final class TemporaryDirectory: Sendable {
    let path: String

    init() {
        path = FileManager.default.temporaryDirectory.appending(path: "storage-tests-\(UUID().uuidString)").path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Creates or opens a data directory in it, hands it to `body` and closes it.
    @discardableResult
    func withData<Result>(
        shards: Int? = nil, options: DataDirectory.Options = .init(), _ body: (DataDirectory) async throws -> Result
    ) async throws -> Result {
        let directory = try DataDirectory(path: path, shards: shards, creating: true, options: options)
        defer { directory.close() }
        return try await body(directory)
    }

    /// Opens the directory as the tools do, hands it to `body` and closes it.
    func withOffline<Result>(_ body: (OfflineDirectory) throws -> Result) throws -> Result {
        let directory = try OfflineDirectory(path: path)
        defer { directory.close() }
        return try body(directory)
    }

    var databasePath: String { path + "/data.mdb" }

    func readDatabase() throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(filePath: databasePath))) }

    func writeDatabase(_ bytes: [UInt8]) throws { try Data(bytes).write(to: URL(filePath: databasePath)) }
}

extension ReplicatedJournal {
    /// The term in which this journal leads.
    var term: UInt64 { standing.leadership?.term ?? 0 }

    /// Proposes and waits.
    @discardableResult
    func append(_ bytes: [UInt8], at milliseconds: Int64 = 1) async throws -> LogIndex {
        let index = try propose(bytes, at: Timestamp(milliseconds: milliseconds), in: term)
        try await commitment(of: index)
        return index
    }

    /// Saves states and waits until they are durable, which `records` on the same journal tell.
    func save(_ changes: StateChanges, through checkpoint: LogIndex) async throws {
        let generation = self.checkpoint(changes, through: checkpoint)
        while flushedGeneration < generation { try await append([0]) }
    }

    func all() throws -> [JournalRecord] { try records(from: LogIndex(1), countMax: .max, bytesMax: .max) }
}

extension OfflineLog {
    func all() throws(StorageError) -> [JournalRecord] { try records(from: first, countMax: .max, bytesMax: .max) }
}

/// The error that `body` throws, for comparing.
func storageError(_ body: () async throws -> Void) async -> StorageError? {
    do {
        try await body()
        return nil
    } catch {
        return error as? StorageError
    }
}
