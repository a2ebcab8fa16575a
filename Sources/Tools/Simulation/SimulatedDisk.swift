import Consensus
import Cluster
import EventSourcing
import LogFormat

/// The disk of one node: what is durable of its store, as the bytes that a real one would hold.
///
/// It outlives the lives of its node. Transactions become durable as a whole, in order; a crash loses those that have
/// not.
final class SimulatedDisk {
    /// Seeds the checksums, as the cluster's identity does.
    let seed: UInt32
    private(set) var shards: [ShardFiles]

    /// What is stored of one shard.
    struct ShardFiles {
        /// The value in `hard`.
        var header: [UInt8]
        /// The first entry of `entries`.
        var first = EntryIndex(1)
        /// The values in `log`.
        var entries: [[UInt8]] = []
        /// The rows of `state`, ascending by key.
        var rows: [StoredRow] = []
    }

    /// A row of `state`: the key without its shard, the value with its checksum.
    struct StoredRow {
        let key: [UInt8]
        var value: [UInt8]
    }

    init(shards: Int, seed: UInt32) {
        self.seed = seed
        let header = ReplicaHeader().encoded(seed: seed)
        self.shards = Array(repeating: ShardFiles(header: header), count: shards)
    }

    func header(of shard: ShardID) throws(FormatDamage) -> ReplicaHeader {
        try ReplicaHeader(shards[Int(shard.rawValue)].header, seed: seed)
    }

    // MARK: - Entries

    func bytes(of shard: ShardID, at index: EntryIndex) -> [UInt8]? {
        let files = shards[Int(shard.rawValue)]
        guard index >= files.first, index < files.first.advanced(by: files.entries.count) else { return nil }
        return files.entries[files.first.distance(to: index)]
    }

    // MARK: - Rows

    /// The place of `key` among the rows of a shard, or the place where it would be.
    static func place(of key: [UInt8], in rows: [StoredRow]) -> (position: Int, isThere: Bool) {
        var lower = 0
        var upper = rows.count
        while lower < upper {
            let middle = (lower + upper) / 2
            if rows[middle].key.lexicographicallyPrecedes(key) { lower = middle + 1 } else { upper = middle }
        }
        return (lower, lower < rows.count && rows[lower].key == key)
    }

    func rows(of shard: ShardID) -> [StoredRow] { shards[Int(shard.rawValue)].rows }

    /// The value given of a row.
    func value(of row: StoredRow, shard: ShardID) throws(FormatDamage) -> [UInt8] {
        let fullKey = StateRowForm.fullKey(shard, .first, row.key)
        let isIntact = fullKey.withUnsafeBytes { key in
            row.value.withUnsafeBytes { StateRowForm.isIntact(key: key, value: $0, seed: seed) }
        }
        guard isIntact else { throw FormatDamage("a state of shard \(shard) is damaged") }
        return row.value.withUnsafeBytes { StateRowForm.value($0) }
    }

    // MARK: - Writing

    /// Makes one shard's part of a transaction durable.
    func perform(_ write: ShardWrite) throws(FormatDamage) {
        let position = Int(write.shard.rawValue)
        var header = try header(of: write.shard)
        if let hardState = write.log?.hardState { header.hardState = hardState }
        if let snapshot = write.log?.snapshot {
            header.base = snapshot.last
            header.last = snapshot.last.index
            header.checkpoint = snapshot
            shards[position].entries = []
            shards[position].first = snapshot.last.index.next
            shards[position].rows = []
            guard case .held(let rows) = write.replacement else {
                preconditionFailure("no rows are staged on a simulated disk")
            }
            for row in rows { set(row.value, forKey: row.key, of: write.shard) }
        }
        if let entries = write.log?.entries, let first = entries.first?.index {
            append(entries, from: first, of: write.shard)
            header.last = entries.last!.index
        }
        for change in write.changes.all { set(change.value, forKey: change.key, of: write.shard) }
        if let checkpoint = write.checkpoint { header.checkpoint = checkpoint }
        if let end = write.compaction, end > header.base.index, end <= header.last {
            let term = try EntryForm.term(
                bytes(of: write.shard, at: end) ?? [], shard: write.shard, index: end, seed: seed)
            shards[position].entries.removeFirst(header.base.index.distance(to: end))
            shards[position].first = end.next
            header.base = EntryID(term: term, index: end)
        }
        shards[position].header = header.encoded(seed: seed)
    }

    private func append(_ entries: [Entry], from first: EntryIndex, of shard: ShardID) {
        let position = Int(shard.rawValue)
        let place = shards[position].first.distance(to: first)
        precondition(place >= 0 && place <= shards[position].entries.count, "a write left a gap in the log")
        shards[position].entries.removeSubrange(place...)
        for entry in entries { shards[position].entries.append(EntryForm.encode(entry, shard: shard, seed: seed)) }
    }

    private func set(_ value: [UInt8]?, forKey key: [UInt8], of shard: ShardID) {
        let position = Int(shard.rawValue)
        let (place, isThere) = Self.place(of: key, in: shards[position].rows)
        guard let value else {
            if isThere { shards[position].rows.remove(at: place) }
            return
        }
        let form = StateRowForm(shard: shard, key: key, seed: seed)
        let bytes = [UInt8](unsafeUninitializedCapacity: Sealed.checksumBytes + value.count) { buffer, count in
            form.encode(value, into: UnsafeMutableRawBufferPointer(buffer))
            count = buffer.count
        }
        if isThere {
            shards[position].rows[place].value = bytes
        } else {
            shards[position].rows.insert(StoredRow(key: key, value: bytes), at: place)
        }
    }

    // MARK: - Damage

    /// Spoils one byte of what is stored, or cuts a value short.
    func damage(_ body: (inout [ShardFiles]) -> Void) { body(&shards) }
}

extension SimulatedDisk {
    /// Whether the entry, or a state that covers it, is durable here.
    func holds(_ id: EntryID, of shard: ShardID) -> Bool {
        guard id.index >= shards[Int(shard.rawValue)].first else { return true }
        guard let bytes = bytes(of: shard, at: id.index) else { return false }
        // What cannot be read was written, and has been damaged since.
        guard let term = try? EntryForm.term(bytes, shard: shard, index: id.index, seed: seed) else { return true }
        return term == id.term
    }
}
