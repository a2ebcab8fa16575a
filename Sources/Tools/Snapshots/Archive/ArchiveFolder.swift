import Foundation

/// An archive in a folder of this machine.
public final class ArchiveFolder: ArchivePlace {
    private let path: String
    public var description: String { path }
    public var workshop: String { path }

    public let key: SnapshotKey?
    public let shipPause = Duration.milliseconds(500)

    /// - Parameter key: what its snapshots and its log are encrypted with; nil where they are not.
    public init(path: String, key: SnapshotKey?) {
        self.path = path
        self.key = key
    }

    public func names() throws(SnapshotFailure) -> [ArchiveName] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: path).compactMap { ArchiveName($0) }
        } catch {
            throw .system(operation: "reading \(path)", message: error.localizedDescription)
        }
    }

    public func file(_ name: ArchiveName) -> String { "\(path)/\(name)" }

    public func header(_ name: ArchiveName) throws(SnapshotFailure) -> SnapshotHeader {
        try SnapshotHeader(path: file(name), key: key)
    }

    public func put(_ name: ArchiveName, file: String) throws {
        guard rename(file, self.file(name)) == 0 else { throw SnapshotFailure.posix("renaming \(file)") }
        try syncFolder(of: self.file(name))
    }

    public func remove(_ name: ArchiveName) throws {
        guard unlink(file(name)) == 0 || errno == ENOENT else { throw SnapshotFailure.posix("removing \(file(name))") }
    }
}

/// The right to write into a folder: one process at a time has it, until it ends or lets this go. What an earlier one
/// has left half made is gone then.
public final class ArchiveLock {
    private let descriptor: Int32

    /// - Throws: when the folder cannot be made, or another process writes into it.
    public init(folder path: String) throws(SnapshotFailure) {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw .system(operation: "creating \(path)", message: error.localizedDescription)
        }
        descriptor = open(path + "/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .posix("opening \(path)/lock") }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw .system(operation: "writing into \(path)", message: "another archiver does")
        }
        let left = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        for name in left where name.hasPrefix("incoming-") { unlink("\(path)/\(name)") }
    }

    deinit { close(descriptor) }
}
