import Consensus
import EventSourcing
import Foundation
import LogFormat
import Storage

/// A base of an archive and all of the log that leads on from it, proved.
public struct ArchivedHistory: Sendable {
    public let base: SnapshotFile
    /// Whether it begins before the first entry of all, with nothing, and not at the states of the base.
    public let isFromBeginning: Bool
    /// In their order: each begins where the one before it ends, or within what the base has.
    private let stretches: [SnapshotFile]
    /// What comes where the log ends; nil where the archive does.
    private let hole: ArchiveFailure?
    private let place: String

    /// - Parameter base: of this archive, or a snapshot that is kept elsewhere than the log that leads on from it.
    /// - Throws: ``SnapshotFailure`` or ``ArchiveFailure``: which file is damaged, or does not go on where the one
    ///   before it ends.
    public init(from base: SnapshotFile, of listing: ArchiveListing, in place: any ArchivePlace) async throws {
        let chain = try await listing.chain(behind: base.header.end)
        var stretches: [SnapshotFile] = []
        for stretch in chain.stretches {
            let file = try SnapshotFile(path: try await place.file(stretch.name), key: place.key)
            try Self.check(file, is: stretch)
            stretches.append(file)
        }
        self.base = base
        isFromBeginning = false
        self.stretches = stretches
        self.place = place.description
        hole = chain.end
        try requireOrder()
    }

    private init(fromBeginningOf history: ArchivedHistory) {
        base = history.base
        isFromBeginning = true
        stretches = [history.base] + history.stretches
        hole = history.hole
        place = history.place
    }

    /// The same from the first entry on; nil when the base has lost the beginning of a log.
    public var fromBeginning: ArchivedHistory? {
        base.header.beginning.count == 0 ? ArchivedHistory(fromBeginningOf: self) : nil
    }

    private static func check(_ file: SnapshotFile, is stretch: ArchiveListing.Stretch) throws(ArchiveFailure) {
        let (first, last) = (file.header.beginning, file.header.end)
        guard first.count == stretch.after, last.count == stretch.through else {
            throw .mixed(path: file.path, reason: "it holds what was committed from \(first) to \(last)")
        }
    }

    /// Each file is of the same cluster and goes on where the one before it ends, in the same term.
    private func requireOrder() throws(ArchiveFailure) {
        let base = base.header.shards.map(\.end)
        var ends = base
        for file in stretches {
            guard file.header.cluster == self.base.header.cluster else {
                throw .mixed(path: file.path, reason: "it is of another cluster than \(self.base.path)")
            }
            guard file.header.shards.count == ends.count else {
                throw .mixed(path: file.path, reason: "it has another number of shards than \(self.base.path)")
            }
            for (shard, bounds) in file.header.shards.enumerated() {
                // Of what the base has, it may have some too.
                guard bounds.base == ends[shard] || bounds.base.index < base[shard].index else {
                    throw .mixed(
                        path: file.path,
                        reason: "shard \(shard) goes on behind entry \(bounds.base), and the log before it ends at "
                            + "\(ends[shard])")
                }
                if bounds.end.index > ends[shard].index { ends[shard] = bounds.end }
            }
        }
    }

    /// The position of the base: every state in it is at or before this.
    public var first: LogPosition { isFromBeginning ? base.header.beginning : base.header.end }

    /// The states that it begins with, by shard.
    public var states: [SnapshotStates] { isFromBeginning ? [] : base.states }

    /// The last that is archived.
    public var last: LogPosition {
        guard let end = stretches.last?.header.end else { return first }
        return LogPosition(zip(first.indexes, end.indexes).map { max($0, $1) })
    }

    /// - Throws: why the archive has nothing behind its last, when something is known to be there.
    public func requireWhole() throws(ArchiveFailure) { if let hole { throw hole } }

    /// - Throws: why `position` cannot be had from this base.
    public func require(_ position: LogPosition) throws(ArchiveFailure) {
        guard position.indexes.count == first.indexes.count, first.isWithin(position) else {
            throw .beforeFirst(place: place, first: first)
        }
        guard position.isWithin(last) else { throw hole ?? .behindLast(place: place, last: last) }
    }

    /// Hands the entries of a shard behind the base to `body`, in their order, those of one chunk at a time, until it
    /// says no.
    public func visitEntries(of shard: ShardID, _ body: ([Entry]) throws -> Bool) throws {
        var next = EntryIndex(first[shard].rawValue).next
        for file in stretches {
            for number in file.numbers(.entries, of: shard) {
                let entries = try file.entries(of: number).filter { $0.index >= next }
                guard let last = entries.last else { continue }
                guard entries[0].index == next else {
                    throw file.damaged(number, "entry \(next) of shard \(shard) is in no chunk before it")
                }
                next = last.index.next
                guard try body(entries) else { return }
            }
        }
    }

    /// Hands the records of a shard behind the base to `body`, until it says no.
    public func visitRecords(of shard: ShardID, _ body: (JournalRecord) throws -> Bool) throws {
        try visitEntries(of: shard) { entries in
            for entry in entries {
                if let record = RecordPayload.record(of: entry), try !body(record) { return false }
            }
            return true
        }
    }

    /// Writes the shop as it was at `position`: a snapshot like any other.
    ///
    /// - Parameter time: of that moment.
    public func write(_ position: LogPosition, at time: Timestamp, program: String, to output: OutputFile) throws {
        try require(position)
        var ends = base.header.shards.map { isFromBeginning ? $0.base : $0.end }
        for shard in ends.indices {
            let shard = ShardID(UInt16(shard))
            try visitEntries(of: shard) { entries in
                let wanted = entries.last { $0.index.rawValue <= position[shard].rawValue }
                if let wanted { ends[Int(shard.rawValue)] = wanted.id }
                return entries.last?.id == wanted?.id
            }
        }
        let header = SnapshotHeader(
            file: .random(in: .min ... .max), cluster: base.header.cluster, node: base.header.node, takenAt: time,
            program: program,
            shards: zip(base.header.shards, ends).map { bounds, end in
                LogBounds(base: bounds.base, end: end, checkpoint: isFromBeginning ? bounds.base : bounds.checkpoint)
            })
        var encoder = SnapshotEncoder(header)
        try output.append(encoder.beginning)
        for shard in ends.indices {
            let end = ends[shard].index
            let shard = ShardID(UInt16(shard))
            for number in base.numbers(.entries, of: shard) where !isFromBeginning {
                try output.append(encoder.chunk(try base.entries(of: number), of: shard))
            }
            try visitEntries(of: shard) { entries in
                let wanted = entries.filter { $0.index <= end }
                if !wanted.isEmpty { try output.append(encoder.chunk(wanted, of: shard)) }
                return wanted.count == entries.count
            }
            for number in base.numbers(.rows, of: shard) where !isFromBeginning {
                try output.append(encoder.chunk(try base.rows(of: number), of: shard))
            }
        }
        try output.append(encoder.end())
    }
}

extension SnapshotHeader {
    /// Behind this every log begins.
    public var beginning: LogPosition { LogPosition(shards.map { LogIndex($0.base.index.rawValue) }) }
    /// Where every log ends.
    public var end: LogPosition { LogPosition(shards.map { LogIndex($0.end.index.rawValue) }) }

    /// Of the file at `path`, without a look at the rest of it.
    ///
    /// - Parameter key: of an encrypted file; nil of one that is not.
    public init(path: String, key: SnapshotKey?) throws(SnapshotFailure) {
        var walk = SnapshotWalk(try SnapshotBytes(path: path, key: key))
        self = try walk.header().0
    }
}
