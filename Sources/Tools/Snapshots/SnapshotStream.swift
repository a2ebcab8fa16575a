import Consensus
import EventSourcing
import Storage

/// The bytes of a snapshot of a node's directory, in pieces, with one or two of them in memory.
public final class SnapshotStream {
    /// Entries of each shard that one stretch of the log has at most: some megabytes, and seconds of a busy shard.
    public static let stretchEntriesMax = 16_384

    private let reader: SnapshotReader
    private var encoder: SnapshotEncoder
    private var stage = Stage.beginning

    /// What comes next.
    private enum Stage { case beginning, chunks, over }

    /// Chunks that are read and not yet compressed, of a megabyte each.
    private static let chunksAheadMax = 4

    /// - Parameters:
    ///   - takenAt: the time that the file tells.
    ///   - program: the version of this program.
    public convenience init(of directory: HeldDirectory, takenAt: Timestamp, program: String) {
        self.init(directory, directory.bounds, hasRows: true, takenAt, program)
    }

    /// The log alone, of all shards behind `position`, to the last that is committed or as much as one stretch has.
    /// Nil when there is none, or the directory lacks what the position has.
    ///
    /// - Throws: `LogTruncated` when some of what comes behind the position is gone.
    public convenience init?(
        log directory: HeldDirectory, after position: LogPosition, takenAt: Timestamp, program: String
    ) throws {
        let bounds = try directory.bounds(behind: position, entriesMax: Self.stretchEntriesMax)
        guard let bounds else { return nil }
        self.init(directory, bounds, hasRows: false, takenAt, program)
    }

    private init(
        _ directory: HeldDirectory, _ bounds: [LogBounds], hasRows: Bool, _ takenAt: Timestamp, _ program: String
    ) {
        reader = SnapshotReader(directory, bounds, hasRows: hasRows)
        encoder = SnapshotEncoder(
            SnapshotHeader(
                file: .random(in: .min ... .max), cluster: directory.identity.cluster, node: directory.identity.node,
                takenAt: takenAt, program: program, shards: bounds))
    }

    /// The next piece, of about a megabyte before it is compressed; nil behind the last.
    ///
    /// - Throws: `StorageError` that names what is missing or damaged.
    public func next() throws -> [UInt8]? {
        switch stage {
        case .beginning:
            stage = .chunks
            return encoder.beginning
        case .chunks:
            if let content = try reader.next() { return encoder.chunk(content) }
            stage = .over
            return encoder.end()
        case .over: return nil
        }
    }

    /// Appends all of it to a file: one thread reads, and the other compresses and writes.
    public func write(to output: OutputFile) throws {
        try output.append(encoder.beginning)
        try ReadAhead.each(countMax: Self.chunksAheadMax, make: reader.next) { try output.append(encoder.chunk($0)) }
        try output.append(encoder.end())
    }
}

extension HeldDirectory {
    /// The stretch of each log behind `position`, at most `entriesMax` long; nil when all are empty, or one ends before
    /// the position.
    fileprivate func bounds(behind position: LogPosition, entriesMax: Int) throws -> [LogBounds]? {
        guard position.indexes.count == bounds.count else { return nil }
        var stretches: [LogBounds] = []
        for (shard, whole) in bounds.enumerated() {
            let after = EntryIndex(position.indexes[shard].rawValue)
            guard after >= whole.base.index else { throw LogTruncated(first: LogIndex(whole.base.index.next.rawValue)) }
            guard after <= whole.end.index else { return nil }
            let last = min(whole.end.index, after.advanced(by: entriesMax))
            let shard = ShardID(UInt16(shard))
            stretches.append(
                LogBounds(base: try id(of: shard, at: after), end: try id(of: shard, at: last), checkpoint: .zero))
        }
        return stretches.contains { $0.base != $0.end } ? stretches : nil
    }

    private func id(of shard: ShardID, at index: EntryIndex) throws -> EntryID {
        let whole = bounds[Int(shard.rawValue)]
        if index == whole.base.index { return whole.base }
        if index == whole.end.index { return whole.end }
        return try entries(of: shard, from: index, bytesMax: 0)[0].id
    }
}
