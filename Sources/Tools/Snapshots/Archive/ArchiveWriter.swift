import Consensus
import EventSourcing
import Foundation

/// Adds to an archive what a cluster has committed.
public struct ArchiveWriter: Sendable {
    /// One file of the log grows no larger: some seconds of reading when one position is looked for.
    private static let stretchBytesMax = 64 << 20

    private let place: any ArchivePlace
    /// Of the file at whose end the archive goes on; nil when it is empty.
    private var newest: SnapshotHeader?

    /// Proves the file that the archive goes on behind: what it does not have would be missing between that and what
    /// is added.
    ///
    /// - Throws: ``SnapshotFailure``: that file is damaged.
    public init(_ place: any ArchivePlace) async throws {
        self.place = place
        let listing = try await ArchiveListing(place)
        newest =
            if let name = listing.newest {
                try SnapshotFile(path: try await place.file(name), key: place.key).header
            } else {
                nil
            }
        for name in listing.superfluous { try await place.remove(name) }
    }

    /// Everything up to here is archived; nil when nothing is.
    public var position: LogPosition? { newest?.end }

    /// Goes on from a base: the first, or one behind a gap, which is noted then: what lies between was gone before it
    /// was archived.
    public mutating func begin(at base: SnapshotHeader, noticed time: Timestamp) async throws {
        if let before = newest, before.end != base.end {
            let gap = ArchiveGap(from: before.end, to: base.end, noticed: time)
            let file = place.workshop + "/incoming-gap"
            try gap.write(to: file)
            try await place.put(.gap(after: before.end.count, through: base.end.count), file: file)
        }
        newest = base
    }

    /// Adds the next stretch of the log, which `fill` writes. What is short is joined with what is short before it, so
    /// that the files are few.
    public mutating func addStretch(_ fill: (OutputFile) async throws -> Void) async throws -> SnapshotHeader {
        let incoming = place.workshop + "/incoming-log"
        try await SnapshotFile.create(at: incoming, replacing: true, key: place.key, fill)
        let header = try SnapshotHeader(path: incoming, key: place.key)
        try requireOrder(header)
        var stretches = [try SnapshotFile(path: incoming, key: place.key)]
        var joined: [ArchiveName] = []
        let listing = try await ArchiveListing(place)
        for earlier in listing.stretches.reversed() {
            let file = try await place.file(earlier.name)
            guard earlier.through == stretches[0].header.beginning.count,
                let before = Self.size(of: file), let after = Self.size(of: stretches),
                before < 2 * after, before + after <= Self.stretchBytesMax
            else { break }
            stretches.insert(try SnapshotFile(path: file, key: place.key), at: 0)
            joined.append(earlier.name)
        }
        let name = ArchiveName.log(after: stretches[0].header.beginning.count, through: header.end.count)
        if joined.isEmpty {
            try await place.put(name, file: incoming)
            newest = header
        } else {
            let whole = place.workshop + "/incoming-joined"
            try await SnapshotFile.create(at: whole, replacing: true, key: place.key) {
                try SnapshotFile.join(stretches, to: $0)
            }
            try await place.put(name, file: whole)
            newest = header
            unlink(incoming)
            for name in joined { try await place.remove(name) }
        }
        return header
    }

    /// A stretch goes on where the archive ends, in the same terms.
    private func requireOrder(_ header: SnapshotHeader) throws(ArchiveFailure) {
        guard let newest, header.cluster == newest.cluster else {
            throw .mixed(path: place.description, reason: "the log is that of another cluster")
        }
        guard header.shards.map(\.base) == newest.shards.map(\.end) else {
            throw .mixed(
                path: place.description, reason: "a log goes on behind \(header.beginning), not where the archive ends")
        }
    }

    private static func size(of file: String) -> Int? {
        try? FileManager.default.attributesOfItem(atPath: file)[.size] as? Int
    }

    private static func size(of files: [SnapshotFile]) -> Int? {
        files.reduce(0) { sum, file in sum.flatMap { sum in size(of: file.path).map { sum + $0 } } }
    }
}
