import Consensus
import EventSourcing
import Storage
import Wire

/// What a chunk holds, before it is compressed.
struct ChunkContent: Sendable {
    let kind: FileChunk.Kind
    let shard: ShardID
    /// As the index has it.
    let first: [UInt8]
    let payload: [UInt8]

    /// Entries that follow each other; at least one.
    init(_ entries: [Entry], of shard: ShardID) {
        kind = .entries
        self.shard = shard
        first = withUnsafeBytes(of: entries[0].index.rawValue.bigEndian) { Array($0) }
        payload = ChunkPayload.encode(entries)
    }

    /// Rows in the order of their keys; at least one.
    init(_ rows: [StateRow], of shard: ShardID) {
        kind = .rows
        self.shard = shard
        first = rows[0].key
        payload = ChunkPayload.encode(rows)
    }

    /// Rows of a database; nil when there are none.
    init?(next rows: HeldRows, of shard: ShardID) throws(StorageError) {
        var (count, first) = (0, [UInt8]())
        var writer = RecordWriter()
        try rows.visitNext(bytesMax: FileChunk.bytesTarget) { key, value in
            if count == 0 { first = [UInt8](copying: key) }
            count += 1
            writer.write(key)
            writer.write(value)
        }
        guard count > 0 else { return nil }
        kind = .rows
        self.shard = shard
        self.first = first
        payload = ChunkPayload.encode(rows: writer.bytes, count: count)
    }

    init(indexOf places: [ChunkPlace]) {
        kind = .index
        shard = ShardID(0)
        first = []
        payload = ChunkPayload.encode(places)
    }
}
