import ArgumentParser
import CloudAdapters
import Foundation
import Snapshots

/// Where a snapshot is: a file of this machine, or an object of S3.
enum SnapshotPlace: ExpressibleByArgument, CustomStringConvertible {
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

    var description: String {
        switch self {
        case .file(let path): path
        case .object(let location): location.description
        }
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
    ///   - progress: is told how many bytes of it are written so far.
    ///   - fill: appends all of it.
    /// - Returns: what it is, and its bytes.
    func create(
        replacing: Bool, key: SnapshotKey?, progress: @escaping (Int) -> Void,
        _ fill: (OutputFile) async throws -> Void
    ) async throws -> (header: SnapshotHeader, size: Int) {
        switch self {
        case .file(let path):
            return try await SnapshotFile.create(at: path, replacing: replacing, key: key, progress: progress, fill)
        case .object(let location):
            return try await S3Client.with { s3 in
                if !replacing, try await s3.head(location) != nil {
                    throw CloudFailure.alreadyThere(location.description)
                }
                return try await Self.withTemporaryPath { path in
                    let created = try await SnapshotFile.create(
                        at: path, replacing: false, key: key, progress: progress, fill)
                    try await s3.upload(file: path, to: location, replacing: replacing)
                    return created
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
