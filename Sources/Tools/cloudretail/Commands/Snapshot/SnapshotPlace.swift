import ArgumentParser
import CloudAdapters
import Foundation
import Snapshots

/// Where a snapshot is: a file of this machine, or an object of S3.
enum SnapshotPlace: ExpressibleByArgument {
    case file(String)
    case object(S3Location)

    init?(argument: String) {
        guard S3Location.isMeant(by: argument) else {
            self = .file(argument)
            return
        }
        guard let location = S3Location(argument) else { return nil }
        self = .object(location)
    }

    /// Whether it is the directory of an archive.
    var isArchive: Bool {
        if case .file(let path) = self { RestoreSource.isArchive(path) } else { false }
    }

    /// Writes a snapshot, which is there once it has been proved: an object by way of a temporary file.
    ///
    /// - Parameters:
    ///   - replacing: whether one that is there already may be replaced.
    ///   - key: what it is encrypted with; nil for one that is not.
    ///   - fill: appends all of it.
    func create(
        replacing: Bool, key: SnapshotKey?, _ fill: (OutputFile) async throws -> Void
    ) async throws {
        switch self {
        case .file(let path): try await SnapshotFile.create(at: path, replacing: replacing, key: key, fill)
        case .object(let location):
            try await S3Client.with { s3 in
                if !replacing, try await s3.head(location) != nil {
                    throw CloudFailure.alreadyThere(location.description)
                }
                try await Self.withTemporaryPath { path in
                    try await SnapshotFile.create(at: path, replacing: false, key: key, fill)
                    try await s3.upload(file: path, to: location, replacing: replacing)
                }
            }
        }
    }

    /// Hands over the path of a file with the snapshot: of a temporary one for an object, which goes afterwards.
    func withFile<Answer>(_ body: (String) async throws -> Answer) async throws -> Answer {
        switch self {
        case .file(let path): try await body(path)
        case .object(let location):
            try await Self.withTemporaryPath { path in
                try await S3Client.with { try await $0.download(location, to: path) }
                return try await body(path)
            }
        }
    }

    /// Below `TMPDIR`, which needs room for the snapshot.
    private static func withTemporaryPath<Answer>(_ body: (String) async throws -> Answer) async throws -> Answer {
        let path = FileManager.default.temporaryDirectory.appending(path: "snapshot-\(UUID().uuidString)").path
        defer { unlink(path) }
        return try await body(path)
    }
}
