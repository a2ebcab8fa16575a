import EventSourcing
import Foundation
import Snapshots

/// What a cluster is restored from: a snapshot as it is, or the shop at a moment that an archive has.
struct RestoreSource {
    private let content: SnapshotPlace.Content
    /// Has the log that leads on from the snapshot; nil for an archive's own.
    private let log: (any ArchivePlace)?
    private let moment: Moment?
    /// What all of its files are encrypted with; nil where they are not.
    private let key: SnapshotKey?

    init(_ content: SnapshotPlace.Content, log: (any ArchivePlace)? = nil, moment: Moment?, key: SnapshotKey?) {
        self.content = content
        self.log = log
        self.moment = moment
        self.key = key
    }

    /// The snapshot to restore.
    ///
    /// - Parameter workshop: the name of a file that may be made, and is gone again.
    func snapshot(making workshop: String) async throws -> SnapshotFile {
        switch content {
        case .snapshot(let path):
            let base = try SnapshotFile(path: path, key: key)
            guard let log else { return base }
            return try await snapshot(from: [{ base }], logs: log, named: path, making: workshop)
        case .archive(let place):
            let bases = try await ArchiveListing(place).bases.reversed()
            let files = bases.map { base in
                { () async throws in try SnapshotFile(path: try await place.file(.base(base)), key: key) }
            }
            return try await snapshot(from: files, logs: log ?? place, named: place.description, making: workshop)
        }
    }

    /// - Parameter bases: the newest first.
    private func snapshot(
        from bases: [() async throws -> SnapshotFile], logs place: any ArchivePlace, named name: String,
        making workshop: String
    ) async throws -> SnapshotFile {
        let listing = try await ArchiveListing(place)
        var oldest: ArchivedHistory?
        for base in bases {
            let history = try await ArchivedHistory(from: try await base(), of: listing, in: place)
            if let found = try await snapshot(from: history, making: workshop) { return found }
            oldest = history
        }
        guard let oldest else { throw ArchiveFailure.empty(place: name) }
        if let whole = oldest.fromBeginning, let found = try await snapshot(from: whole, making: workshop) {
            return found
        }
        throw ArchiveFailure.beforeFirst(place: name, first: oldest.first)
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
