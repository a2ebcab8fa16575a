import ArgumentParser
import CloudAdapters
import Foundation
import Snapshots

/// Where a snapshot or an archive is: a file or a folder of this machine, or one object of S3 or several with a prefix.
enum SnapshotPlace: CustomStringConvertible {
    case file(String)
    case object(S3Location)

    static func parse(_ argument: String) throws -> SnapshotPlace {
        guard S3Location.isMeant(by: argument) else { return .file(argument) }
        let text = argument.hasSuffix("/") ? String(argument.dropLast()) : argument
        guard let location = S3Location(text) else {
            throw ValidationError(
                "\(argument) names no object: s3://BUCKET/KEY, with 3 to 63 small letters, digits, dots and hyphens as "
                    + "BUCKET.")
        }
        return .object(location)
    }

    var description: String {
        switch self {
        case .file(let path): path
        case .object(let location): location.description
        }
    }

    /// Whether it can only be a snapshot. What objects of S3 are is not known before they are asked for.
    var isSnapshot: Bool {
        if case .file(let path) = self { !Self.isFolder(path) } else { false }
    }

    private static func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
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
                return try await Self.withTemporaryPath(of: location) { path in
                    let created = try await SnapshotFile.create(
                        at: path, replacing: false, key: key, progress: progress, fill)
                    try await s3.upload(file: path, to: location, replacing: replacing)
                    return created
                }
            }
        }
    }

    /// What is there.
    enum Content {
        /// The path of its file; of a temporary one for an object, which goes afterwards.
        case snapshot(String)
        case archive(any ArchivePlace)
    }

    /// Hands over what is there.
    ///
    /// - Parameter key: what it is encrypted with; nil where it is not.
    func withContent<Answer>(key: SnapshotKey?, _ body: (Content) async throws -> Answer) async throws -> Answer {
        switch self {
        case .file(let path):
            return try await body(Self.isFolder(path) ? .archive(ArchiveFolder(path: path, key: key)) : .snapshot(path))
        case .object(let location):
            return try await S3Client.with { s3 in
                if try await s3.head(location) != nil {
                    return try await Self.withTemporaryPath(of: location) { path in
                        try await s3.download(location, to: path)
                        return try await body(.snapshot(path))
                    }
                }
                return try await ArchiveBucket.with(location, over: s3, key: key) { bucket in
                    guard try await !bucket.names().isEmpty else { throw Missing(location: location) }
                    return try await body(.archive(bucket))
                }
            }
        }
    }

    /// Hands over the path of a file with the snapshot.
    func withSnapshot<Answer>(key: SnapshotKey?, _ body: (String) async throws -> Answer) async throws -> Answer {
        try await withContent(key: key) { content in
            switch content {
            case .snapshot(let path): return try await body(path)
            case .archive(let place): throw NoSnapshot(place: place.description)
            }
        }
    }

    private struct Missing: Error, CustomStringConvertible {
        let location: S3Location
        var description: String { "\(location) is neither an object nor the beginning of an archive's" }
    }

    private struct NoSnapshot: Error, CustomStringConvertible {
        let place: String
        var description: String { "\(place) is no snapshot but a folder: one file is wanted, of an archive too" }
    }

    /// Below `TMPDIR`, which needs room for the snapshot.
    ///
    /// - Throws: what `body` throws, with the object's name for the path's.
    private static func withTemporaryPath<Answer>(
        of location: S3Location, _ body: (String) async throws -> Answer
    ) async throws -> Answer {
        let path = FileManager.default.temporaryDirectory.appending(path: "snapshot-\(UUID().uuidString)").path
        defer { unlink(path) }
        do {
            return try await body(path)
        } catch where "\(error)".contains(path) {
            throw OfObject(description: "\(error)".replacing(path, with: location.description))
        }
    }

    private struct OfObject: Error, CustomStringConvertible {
        let description: String
    }
}
