import EventSourcing
import Foundation

/// The bases of an archive.
public struct ArchiveBases: Sendable {
    /// The newest files of the log stay, whatever bases there are: they may just be being joined.
    private static let stretchesMin = 16

    private let place: any ArchivePlace

    public init(_ place: any ArchivePlace) { self.place = place }

    /// Of the newest; nil when there is none.
    public var newest: SnapshotHeader? {
        get async throws {
            guard let newest = try await ArchiveListing(place).bases.last else { return nil }
            return try await place.header(.base(newest))
        }
    }

    /// Adds one, which `fill` writes.
    ///
    /// - Throws: `ArchiveFailure` when it is of another cluster than those that are there.
    public func add(_ fill: (OutputFile) async throws -> Void) async throws -> SnapshotHeader {
        // One that begins anew and one that is due may be taken at once.
        let file = "\(place.workshop)/incoming-base-\(UInt64.random(in: .min ... .max))"
        let cluster = try await newest?.cluster
        try await SnapshotFile.create(at: file, replacing: true, key: place.key, fill)
        let header = try SnapshotHeader(path: file, key: place.key)
        guard cluster == nil || header.cluster == cluster else {
            unlink(file)
            throw ArchiveFailure.mixed(path: file, reason: "it is of another cluster than \(place.description)")
        }
        try await place.put(.base(header.end.count), file: file)
        return header
    }

    /// Keeps the newest and what leads on from them, and removes what is older.
    ///
    /// - Parameter count: at least one.
    public func prune(keeping count: Int) async throws {
        let listing = try await ArchiveListing(place)
        guard listing.bases.count > count else { return }
        for base in listing.bases.dropLast(count) { try await place.remove(.base(base)) }
        let oldest = try await place.header(.base(listing.bases[listing.bases.count - count])).end
        for stretch in listing.stretches.dropLast(Self.stretchesMin) {
            guard try await place.header(stretch.name).end.isWithin(oldest) else { return }
            try await place.remove(stretch.name)
        }
    }
}
