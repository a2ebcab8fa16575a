import Consensus
import EventSourcing
import LogFormat
import Synchronization
import Wire

/// The log of one shard as it lies in the store: its header, and the newest entries, which are still in memory.
///
/// Any thread reads; the store's writer alone says what has changed. What a transaction deletes is out of reach here
/// before the transaction is committed: a reader that finds nothing looks again where the log begins.
final class ShardLog: Sendable {
    let shard: ShardID
    private let environment: LMDBEnvironment
    private let seed: UInt32
    private let state: Mutex<State>

    private struct State {
        var header: ReplicaHeader
        var recent = RecentEntries()
        var damage: StorageError?
        var hold: LogHold?
    }

    init(shard: ShardID, header: ReplicaHeader, environment: LMDBEnvironment, seed: UInt32) {
        self.shard = shard
        self.environment = environment
        self.seed = seed
        state = Mutex(State(header: header))
    }

    var header: ReplicaHeader { state.withLock(\.header) }

    /// Where the shard's rows are.
    var incarnation: Incarnation { state.withLock(\.header.incarnation) }

    /// Why an entry could not be read; nil when all could.
    var damage: StorageError? { state.withLock(\.damage) }

    /// What retention keeps for a reader outside of the node; nil keeps nothing.
    var hold: LogHold? {
        get { state.withLock(\.hold) }
        set { state.withLock { $0.hold = newValue } }
    }

    // MARK: - For the writer

    /// Nothing more comes. A reader that goes on learns from the database when that has closed.
    func end() { state.withLock { $0.recent.removeAll() } }

    /// Entries up to `base` are about to be deleted.
    func willDelete(through base: EntryID) {
        state.withLock { state in
            state.header.base = base
            state.recent.drop(through: base.index)
        }
    }

    /// A transaction is durable that has written `header`.
    func didWrite(_ header: ReplicaHeader) { state.withLock { $0.header = header } }

    /// A transaction is durable that has written `entries`, in place of the whole log if they are behind a snapshot.
    func didWrite(_ entries: [Entry], isBehindSnapshot: Bool) {
        state.withLock { state in
            if isBehindSnapshot { state.recent.removeAll() }
            state.recent.write(entries)
        }
    }
}

extension ShardLog: LogReader {
    var firstIndex: EntryIndex { state.withLock { $0.header.base.index.next } }
    var lastIndex: EntryIndex { state.withLock { $0.header.last } }
    var snapshot: Snapshot? { state.withLock { $0.header.checkpoint } }

    func term(at index: EntryIndex) -> Term? {
        let (isKnown, term): (Bool, Term?) = state.withLock { state in
            if index == state.header.base.index { return (true, state.header.base.term) }
            guard index > state.header.base.index, index <= state.header.last else { return (true, nil) }
            let recent = state.recent[index]
            return (recent != nil, recent?.term)
        }
        return isKnown ? term : read(index..<index.next, bytesMax: 0)?.first?.term
    }

    func entries(in range: Range<EntryIndex>, bytesMax: Int) -> [Entry]? {
        let (recent, isThere) = state.withLock { state in
            (state.recent.read(range, bytesMax: bytesMax), range.lowerBound > state.header.base.index)
        }
        return recent ?? (isThere ? read(range, bytesMax: bytesMax) : nil)
    }

    private func read(_ range: Range<EntryIndex>, bytesMax: Int) -> [Entry]? {
        do throws(StorageError) {
            return try environment.entries(of: shard, in: range, bytesMax: bytesMax, seed: seed)
        } catch {
            // What has been deleted meanwhile is no damage.
            state.withLock { if range.lowerBound > $0.header.base.index { $0.damage = error } }
            return nil
        }
    }
}

extension LMDBEnvironment {
    /// As `ReadTransaction.entries`, of this moment.
    func entries(
        of shard: ShardID, in range: Range<EntryIndex>, bytesMax: Int, seed: UInt32
    ) throws(StorageError) -> [Entry] {
        try read { transaction throws(StorageError) in
            try transaction.entries(of: shard, in: range, bytesMax: bytesMax, seed: seed)
        }
    }
}

extension ReadTransaction {
    /// A prefix of the entries in `range`, contiguous and checked, of at most `bytesMax` bytes, but at least one.
    ///
    /// - Throws: what is wrong with the first of them.
    func entries(
        of shard: ShardID, in range: Range<EntryIndex>, bytesMax: Int, seed: UInt32
    ) throws(StorageError) -> [Entry] {
        var entries: [Entry] = []
        var bytes = 0
        var damage: StorageError?
        try ascend(.log, from: EntryForm.key(shard, range.lowerBound)) { row throws(StorageError) in
            let index = range.lowerBound.advanced(by: entries.count)
            guard index < range.upperBound, row.key.elementsEqual(EntryForm.key(shard, index)) else { return false }
            do throws(StorageError) {
                let entry = try Entry.stored([UInt8](copying: row.value), shard: shard, index: index, seed: seed)
                bytes += entry.byteCount
                guard bytes <= bytesMax || entries.isEmpty else { return false }
                entries.append(entry)
                return true
            } catch {
                damage = error
                return false
            }
        }
        guard !entries.isEmpty else {
            throw damage ?? .missingRecord(shard: shard.rawValue, index: range.lowerBound.rawValue)
        }
        return entries
    }
}

extension Entry {
    /// Reads the entry that should lie at `shard` and `index`.
    static func stored(
        _ bytes: [UInt8], shard: ShardID, index: EntryIndex, seed: UInt32
    ) throws(StorageError) -> Entry {
        do throws(FormatDamage) {
            return try EntryForm.decode(bytes, shard: shard, index: index, seed: seed)
        } catch {
            throw .corruptRecord(shard: shard.rawValue, index: index.rawValue, reason: error.reason)
        }
    }
}
