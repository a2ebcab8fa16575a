import EventSourcing
import Foundation
import Snapshots

/// What a cluster is restored from: a snapshot as it is, or the shop at a moment that an archive has.
struct RestoreSource {
    /// A snapshot, or the folder of an archive.
    let path: String
    /// The folder with the log that leads on from the snapshot; nil for an archive's own.
    let log: String?
    let moment: Moment?
    /// What all of its files are encrypted with; nil where they are not.
    let key: SnapshotKey?

    static func isArchive(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
    }

    /// The snapshot to restore.
    ///
    /// - Parameter workshop: the name of a file that may be made, and is gone again.
    func snapshot(making workshop: String) async throws -> SnapshotFile {
        let isArchive = Self.isArchive(path)
        guard isArchive || log != nil else { return try SnapshotFile(path: path, key: key) }
        let place = ArchiveFolder(path: log ?? path, key: key)
        let listing = try await ArchiveListing(place)
        let candidates = isArchive ? ArchiveFolder(path: path, key: key) : nil
        var bases: [String] = [path]
        if let candidates {
            bases = try await ArchiveListing(candidates).bases.reversed().map { candidates.file(.base($0)) }
        }
        var oldest: ArchivedHistory?
        for base in bases {
            let base = try SnapshotFile(path: base, key: key)
            let history = try await ArchivedHistory(from: base, of: listing, in: place)
            if let found = try await snapshot(from: history, making: workshop) { return found }
            oldest = history
        }
        guard let oldest else { throw ArchiveFailure.empty(place: path) }
        if let whole = oldest.fromBeginning, let found = try await snapshot(from: whole, making: workshop) {
            return found
        }
        throw ArchiveFailure.beforeFirst(place: path, first: oldest.first)
    }

    /// The shop at the moment; nil when the base was taken behind it.
    private func snapshot(from history: ArchivedHistory, making workshop: String) async throws -> SnapshotFile? {
        let search = MomentSearch(in: history)
        guard let position = try search.position(of: moment ?? .newest) else { return nil }
        let time = try search.time(at: position) ?? history.base.header.takenAt
        try await SnapshotFile.create(at: workshop, replacing: true, key: key) { output in
            try history.write(position, at: time, program: CloudRetail.version, to: output)
        }
        defer { unlink(workshop) }
        return try SnapshotFile(path: workshop, key: key)
    }
}
