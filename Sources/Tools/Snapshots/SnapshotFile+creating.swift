import Consensus
import EventSourcing
import Storage

extension SnapshotFile {
    /// Writes a snapshot of the data directory of a node that does not run, with a chunk or two of it in memory.
    ///
    /// - Parameters:
    ///   - takenAt: the time that the file tells.
    ///   - program: the version of this program.
    ///   - replacing: whether a file that is there already may be replaced.
    /// - Throws: `SnapshotFailure`, or `StorageError` that names what is damaged; no file is left then.
    public static func create(
        at path: String, of directory: OfflineDirectory, takenAt: Timestamp, program: String, replacing: Bool
    ) throws {
        let output = try OutputFile(path: path, replacing: replacing)
        do {
            let header = SnapshotHeader(
                file: .random(in: .min ... .max), cluster: directory.identity.cluster, node: directory.identity.node,
                takenAt: takenAt, program: program, shards: directory.logs.map(\.bounds))
            var encoder = SnapshotEncoder(header)
            try output.append(encoder.beginning)
            for (log, states) in zip(directory.logs, directory.states) {
                try write(log, &encoder, output)
                try write(states, of: log.shard, &encoder, output)
            }
            try output.append(encoder.end())
            try output.finish()
        } catch {
            output.abandon()
            throw error
        }
    }

    private static func write(_ log: OfflineLog, _ encoder: inout SnapshotEncoder, _ output: OutputFile) throws {
        var next = log.bounds.base.index.next
        while true {
            let entries = try log.entries(from: next, bytesMax: FileChunk.bytesTarget)
            guard let last = entries.last else { return }
            try output.append(encoder.chunk(entries, of: log.shard))
            next = last.index.next
        }
    }

    private static func write(
        _ states: ShardStateStore, of shard: ShardID, _ encoder: inout SnapshotEncoder, _ output: OutputFile
    ) throws {
        var next: [UInt8] = []
        var gathered: [StateRow] = []
        var bytes = 0
        while true {
            let rows = try states.rows(from: next, upTo: keysEnd, reversed: false, limit: rowsAtOnce)
            gathered += rows
            bytes += rows.reduce(0) { $0 + $1.key.count + $1.value.count }
            if !gathered.isEmpty, bytes >= FileChunk.bytesTarget || rows.isEmpty {
                try output.append(encoder.chunk(gathered, of: shard))
                gathered = []
                bytes = 0
            }
            guard let last = rows.last else { return }
            next = last.key + [0]
        }
    }

    /// Behind every key: LMDB's have at most 511 bytes, of which the first tells a kind and is less.
    private static let keysEnd = [UInt8](repeating: 0xff, count: 512)
    /// Rows of a few hundred bytes each.
    private static let rowsAtOnce = 256
}
