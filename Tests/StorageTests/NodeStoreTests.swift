import Cluster
import Consensus
import ConsensusTesting
import EventSourcing
import LogFormat
import Testing

@testable import Storage

@Suite("The store of a node")
struct NodeStoreTests {
    /// A store in a directory of its own, whose shards have no members yet.
    private final class Opened: LogStore {
        let temporary: TemporaryDirectory
        let directory: OpenDirectory
        let store: NodeStore

        convenience init() throws {
            let temporary = TemporaryDirectory()
            let directory = try OpenDirectory(path: temporary.path, shards: 5, creating: true)
            try directory.environment.write { transaction throws(StorageError) in
                for log in directory.logs {
                    let header = ReplicaHeader().encoded(seed: directory.identity.checksumSeed)
                    try transaction.put(header, in: .hard, forKey: ReplicaHeader.key(log.shard))
                }
            }
            directory.close()
            try self.init(temporary)
        }

        init(_ temporary: TemporaryDirectory) throws {
            self.temporary = temporary
            directory = try OpenDirectory(path: temporary.path, shards: nil, creating: false)
            store = NodeStore(
                environment: directory.environment, seed: directory.identity.checksumSeed, retention: .bytes(0),
                logs: directory.logs)
        }

        deinit { directory.close() }

        func reopened() throws -> Opened {
            directory.close()
            return try Opened(temporary)
        }

        func reader(of group: GroupID) -> ShardLog { directory.logs[Int(group.rawValue)] }

        func stored(_ group: GroupID) throws(LogStoreFailure) -> StoredGroup {
            let header = reader(of: group).header
            return StoredGroup(hardState: header.hardState, checkpoint: header.checkpoint)
        }

        func write(_ writes: [GroupWrite]) throws(LogStoreFailure) {
            let parts = writes.map { part in
                var write = ShardWrite(shard: ShardID(part.group.rawValue), number: 1)
                write.log = part.log
                write.checkpoint = part.checkpoint
                write.compaction = part.compaction
                return write
            }
            do throws(StorageError) {
                try store.write(parts)
            } catch {
                throw LogStoreFailure(code: .device, message: "\(error)")
            }
        }

        func rows(_ shard: UInt16) throws -> [StateRow] {
            try directory.states[Int(shard)].rows(from: [], upTo: [255, 255], reversed: false, limit: .max)
        }

        /// Rows in the `state` database, current or not.
        func storedRows() throws -> Int {
            var count = 0
            try directory.environment.read { transaction throws(StorageError) in
                try transaction.ascend(.state, from: [0]) { _ in
                    count += 1
                    return true
                }
            }
            return count
        }
    }

    @Test("does with logs what every log store has to do")
    func logs() throws {
        try LogStoreSuite(make: { try Opened() }, reopen: { try $0.reopened() }).runAll()
    }

    @Test("does with states what every store has to do")
    func states() throws {
        try ShardStoreSuite(
            make: { try Opened() }, reopen: { try $0.reopened() }, perform: { try $0.store.write($1) },
            log: { $0.directory.logs[Int($1.rawValue)] }, states: { $0.directory.states[Int($1.rawValue)] }
        ).runAll()
    }

    // MARK: - Snapshots

    private static let many = 20_000

    private func rows(_ count: Int, _ value: UInt8) -> [StateRow] {
        (0..<count).map { StateRow(key: [UInt8($0 >> 8), UInt8($0 & 255)], value: [value]) }
    }

    private func install(_ rows: [StateRow], at index: UInt64) -> ShardWrite {
        var write = ShardWrite(shard: ShardID(1), number: index)
        let last = EntryID(term: Term(1), index: EntryIndex(index))
        let snapshot = Snapshot(last: last, membership: Membership(voters: [NodeID(1)])!)
        write.log = LogWrite(sequence: index, snapshot: snapshot)
        write.replacement = .held(rows)
        return write
    }

    @Test("installs a snapshot of many rows, and deletes little by little what it replaces")
    func large() throws {
        let opened = try Opened()
        try opened.store.write([install(rows(Self.many, 1), at: 10)])
        try opened.store.write([install(rows(Self.many, 2), at: 20)])
        #expect(try opened.rows(1).count == Self.many && opened.rows(1).allSatisfy { $0.value == [2] })
        var counts = [try opened.storedRows()]
        while counts.last! > Self.many {
            try opened.store.write([])
            counts.append(try opened.storedRows())
            guard counts.count < 9 else { break }
        }
        #expect(counts.last == Self.many)
        #expect(zip(counts, counts.dropFirst()).allSatisfy { $0 - $1 <= NodeStore.rowsPerCommitMax })
        #expect(try opened.rows(1).count == Self.many)
    }

    @Test("keeps the rows that it has when the process ends before those of a snapshot are current")
    func interrupted() throws {
        let opened = try Opened()
        try opened.store.write([install(rows(300, 1), at: 10)])
        try opened.store.beginStaging(of: ShardID(1))
        try opened.store.stage(rows(Self.many, 2), of: ShardID(1))
        let reopened = try opened.reopened()
        #expect(try reopened.rows(1).count == 300 && reopened.rows(1).allSatisfy { $0.value == [1] })
        #expect(reopened.directory.logs[1].snapshot?.last.index == EntryIndex(10))
        for _ in 0..<4 { try reopened.store.write([]) }
        #expect(try reopened.storedRows() == 300)
        // The next snapshot mixes with nothing of the one that was cut short.
        try reopened.store.write([install(rows(10, 3), at: 30)])
        #expect(try reopened.rows(1).map(\.value) == Array(repeating: [3], count: 10))
    }

    @Test("finds no entry again that a snapshot has replaced")
    func replacedEntries() throws {
        let opened = try Opened()
        var write = ShardWrite(shard: ShardID(1), number: 1)
        let entries = (1...50).map { index in
            Entry(id: EntryID(term: Term(1), index: EntryIndex(index)), payload: .record([1, 2, 3]))
        }
        write.log = LogWrite(sequence: 1, entries: entries)
        try opened.store.write([write])
        try opened.store.write([install([], at: 40)])
        let reopened = try opened.reopened()
        let log = reopened.directory.logs[1]
        #expect(log.firstIndex == EntryIndex(41) && log.lastIndex == EntryIndex(40))
        #expect((1...50).allSatisfy { log.entries(in: EntryIndex($0)..<EntryIndex($0 + 1), bytesMax: 1) == nil })
    }

    @Test("writes nothing more after a write that failed")
    func failed() throws {
        let opened = try Opened()
        var gap = ShardWrite(shard: ShardID(0), number: 1)
        gap.changes = [StateChange(key: [UInt8](repeating: 1, count: 9_000), value: [1])]
        #expect(throws: StorageError.self) { try opened.store.write([gap]) }
        var sound = gap
        sound.changes = [StateChange(key: [1], value: [1])]
        #expect(throws: StorageError.self) { try opened.store.write([sound]) }
        #expect(try opened.reopened().rows(0).isEmpty)
    }
}
