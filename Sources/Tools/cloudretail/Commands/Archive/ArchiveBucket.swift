import CloudAdapters
import EventSourcing
import Foundation
import Snapshots

/// An archive in a bucket of S3: each of its files is an object, `s3://BUCKET/PREFIX/` and what the file is called.
///
/// Whoever writes has the ``ArchiveLease``, so what is there is read once and known from then on. What was written
/// lately is kept on this machine, for it is joined with what comes next.
actor ArchiveBucket: ArchivePlace {
    /// Years of an archive.
    private static let filesMax = 1_000_000
    /// Files of the log kept on this machine: those that are joined are no more.
    private static let keptMax = 16
    /// The header of a snapshot lies within it, encrypted or not.
    private static let beginningBytes: Int64 = 1 << 20

    nonisolated let description: String
    nonisolated let workshop: String
    nonisolated let key: SnapshotKey?
    /// Each file costs some requests.
    nonisolated let shipPause = Duration.seconds(5)

    private let s3: S3Client
    private let prefix: S3Location
    /// Nil until it is read, and after a write of which it is not known what has become.
    private var known: Set<ArchiveName>?
    private var headers: [ArchiveName: SnapshotHeader] = [:]
    private var kept: Set<ArchiveName> = []

    private init(_ prefix: S3Location, over s3: S3Client, workshop: String, key: SnapshotKey?) {
        self.prefix = prefix
        self.s3 = s3
        self.workshop = workshop
        self.key = key
        description = prefix.description
    }

    /// Opens the archive for the length of `body`, with a folder below `TMPDIR` that has room for its largest file.
    ///
    /// - Parameters:
    ///   - prefix: of its objects, without the slash before their names.
    ///   - key: what its files are encrypted with; nil where they are not.
    static func with<Answer>(
        _ prefix: S3Location, over s3: S3Client, key: SnapshotKey?, _ body: (ArchiveBucket) async throws -> Answer
    ) async throws -> Answer {
        let workshop = FileManager.default.temporaryDirectory.appending(path: "archive-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: workshop, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        defer { try? FileManager.default.removeItem(at: workshop) }
        return try await body(ArchiveBucket(prefix, over: s3, workshop: workshop.path, key: key))
    }

    // MARK: - What is there

    func names() async throws -> [ArchiveName] {
        if let known { return Array(known) }
        let beginning = prefix.key + "/"
        let objects = try await s3.list(prefix.bucket, prefix: beginning, countMax: Self.filesMax)
        let names = objects.compactMap { ArchiveName(String($0.location.key.dropFirst(beginning.count))) }
        known = Set(names)
        return names
    }

    func file(_ name: ArchiveName) async throws -> String {
        let path = localPath(name)
        if kept.contains(name) { return path }
        let incoming = "\(workshop)/incoming-\(UUID().uuidString)"
        try await s3.download(try location(name), to: incoming)
        guard rename(incoming, path) == 0 else { throw Self.failure("renaming \(incoming)") }
        kept.insert(name)
        return path
    }

    /// Of its first piece alone: a base may be as large as the shop.
    func header(_ name: ArchiveName) async throws -> SnapshotHeader {
        if let header = headers[name] { return header }
        let location = try location(name)
        guard let object = try await s3.head(location) else {
            throw SnapshotFailure.system(operation: "reading \(location)", message: "there is no such object")
        }
        let bytes = try await s3.get(location, range: 0..<min(object.size, Self.beginningBytes), of: object.tag)
        let path = "\(workshop)/beginning-\(UUID().uuidString)"
        guard FileManager.default.createFile(atPath: path, contents: Data(bytes)) else {
            throw Self.failure("writing \(path)")
        }
        defer { unlink(path) }
        let header = try SnapshotHeader(path: path, key: key)
        headers[name] = header
        return header
    }

    // MARK: - Writing

    func put(_ name: ArchiveName, file: String) async throws {
        let location = try location(name)
        do {
            try await s3.upload(file: file, to: location)
        } catch {
            known = nil
            throw error
        }
        known?.insert(name)
        if case .log = name {
            guard rename(file, localPath(name)) == 0 else { throw Self.failure("renaming \(file)") }
            kept.insert(name)
            for old in kept.sorted(by: { $0.count < $1.count }).dropLast(Self.keptMax) { forget(old) }
        } else {
            unlink(file)
        }
    }

    func remove(_ name: ArchiveName) async throws {
        forget(name)
        headers[name] = nil
        do {
            try await s3.delete(try location(name))
        } catch {
            known = nil
            throw error
        }
        known?.remove(name)
    }

    private func forget(_ name: ArchiveName) {
        if kept.remove(name) != nil { unlink(localPath(name)) }
    }

    private static func failure(_ operation: String) -> SnapshotFailure {
        .system(operation: operation, message: String(cString: strerror(errno)))
    }

    // MARK: - Names

    private func localPath(_ name: ArchiveName) -> String { "\(workshop)/\(name)" }

    private func location(_ name: ArchiveName) throws -> S3Location { try prefix.appending("\(name)") }
}

extension S3Location {
    /// The object of that name behind a slash.
    ///
    /// - Throws: when the whole is longer than a key may be.
    func appending(_ name: String) throws -> S3Location {
        guard let location = S3Location(bucket: bucket, key: "\(key)/\(name)") else {
            throw SnapshotFailure.system(operation: "naming an object behind \(self)", message: "the key is too long")
        }
        return location
    }
}
