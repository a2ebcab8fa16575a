import Cluster
import Consensus
import EventSourcing
import Testing

/// What every store that performs `ShardWrite`s has to do with states, beyond what `LogStoreSuite` asks of its logs.
///
/// - `make`: an empty store of at least two shards.
/// - `reopen`: the same store after the process has ended without a word.
public struct ShardStoreSuite<Store> {
    public typealias Write = (Store, [ShardWrite]) throws -> Void

    private let make: () throws -> Store
    private let reopen: (Store) throws -> Store
    private let perform: Write
    private let log: (Store, ShardID) -> any LogReader
    private let states: (Store, ShardID) -> any StateStore

    public init(
        make: @escaping () throws -> Store, reopen: @escaping (Store) throws -> Store, perform: @escaping Write,
        log: @escaping (Store, ShardID) -> any LogReader, states: @escaping (Store, ShardID) -> any StateStore
    ) {
        self.make = make
        self.reopen = reopen
        self.perform = perform
        self.log = log
        self.states = states
    }

    private let shard = ShardID(1)
    private let neighbours = [ShardID(0), ShardID(2)]

    public func runAll() throws {
        try statesComeWithTheirCheckpoint()
        try changesAreMadeInTheirOrder()
        try aSnapshotReplacesRowsAndLog()
        try whatFollowsASnapshotIsOnTopOfIt()
        try snapshotsFollowOneAnother()
    }

    private func snapshot(_ index: UInt64) -> Snapshot {
        Snapshot(last: EntryID(term: Term(3), index: EntryIndex(index)), membership: Membership(voters: [NodeID(1)])!)
    }

    private func entries(_ indexes: ClosedRange<UInt64>) -> [Entry] {
        indexes.map { index in
            Entry(
                id: EntryID(term: Term(3), index: EntryIndex(index)),
                payload: .record([UInt8](repeating: UInt8(index), count: 9)))
        }
    }

    private func write(_ changes: StateChanges = [], log: LogWrite? = nil, rows: [StateRow]? = nil) -> ShardWrite {
        var write = ShardWrite(shard: shard, number: 1)
        write.changes = changes
        write.log = log
        write.replacement = rows.map { .held($0) }
        return write
    }

    private func row(_ key: UInt8, _ value: UInt8) -> StateRow { StateRow(key: [key], value: [value, value]) }
    private func change(_ key: UInt8, _ value: UInt8?) -> StateChange {
        StateChange(key: [key], value: value.map { [$0, $0] })
    }

    /// All rows of a shard as pairs of bytes.
    private func rows(_ store: Store, of shard: ShardID) throws -> [[UInt8]] {
        let rows = try states(store, shard).rows(from: [], upTo: [255, 255], reversed: false, limit: .max)
        for row in rows { #expect(try states(store, shard).value(forKey: row.key) == row.value) }
        return rows.map { [$0.key[0], $0.value[0]] }
    }

    /// Rows of the shards on both sides, which nothing may touch.
    private func makeWithNeighbours() throws -> Store {
        let store = try make()
        try perform(
            store,
            neighbours.map { shard in
                var write = ShardWrite(shard: shard, number: 1)
                write.changes = [change(1, 9), change(255, 9)]
                return write
            })
        return store
    }

    private func expectNeighbours(_ store: Store) throws {
        for shard in neighbours { #expect(try rows(store, of: shard) == [[1, 9], [255, 9]]) }
    }

    func statesComeWithTheirCheckpoint() throws {
        let store = try makeWithNeighbours()
        var both = write([change(1, 1), change(2, 2)], log: LogWrite(sequence: 1, entries: entries(1...4)))
        both.checkpoint = snapshot(3)
        try perform(store, [both])
        let reopened = try reopen(store)
        #expect(try rows(reopened, of: shard) == [[1, 1], [2, 2]])
        #expect(log(reopened, shard).snapshot == snapshot(3))
        try expectNeighbours(reopened)
    }

    func changesAreMadeInTheirOrder() throws {
        let store = try make()
        try perform(store, [write([change(1, 1), change(1, 2), change(2, 1)]), write([change(2, nil), change(3, nil)])])
        #expect(try rows(store, of: shard) == [[1, 2]])
    }

    func aSnapshotReplacesRowsAndLog() throws {
        let store = try makeWithNeighbours()
        try perform(store, [write([change(1, 1), change(2, 2)], log: LogWrite(sequence: 1, entries: entries(1...9)))])
        let install = LogWrite(sequence: 2, snapshot: snapshot(20))
        try perform(store, [write(log: install, rows: [row(2, 7), row(4, 4)])])
        try expectReplaced(store)
        try expectReplaced(try reopen(store))
    }

    private func expectReplaced(_ store: Store) throws {
        #expect(try rows(store, of: shard) == [[2, 7], [4, 4]])
        #expect(log(store, shard).firstIndex == EntryIndex(21) && log(store, shard).snapshot == snapshot(20))
        #expect(try states(store, shard).value(forKey: [1]) == nil)
        try expectNeighbours(store)
    }

    func whatFollowsASnapshotIsOnTopOfIt() throws {
        let store = try make()
        try perform(store, [write([change(1, 1)])])
        let install = LogWrite(sequence: 1, entries: entries(21...22), snapshot: snapshot(20))
        try perform(store, [write(log: install, rows: [row(2, 2), row(3, 3)]), write([change(2, 8), change(3, nil)])])
        try perform(store, [write([change(5, 5)])])
        let reopened = try reopen(store)
        #expect(try rows(reopened, of: shard) == [[2, 8], [5, 5]])
        #expect(log(reopened, shard).lastIndex == EntryIndex(22))
        #expect(log(reopened, shard).entries(in: EntryIndex(21)..<EntryIndex(23), bytesMax: .max) == entries(21...22))
    }

    func snapshotsFollowOneAnother() throws {
        var store = try makeWithNeighbours()
        for round in 1...4 as ClosedRange<UInt8> {
            let install = LogWrite(sequence: UInt64(round), snapshot: snapshot(UInt64(round) * 10))
            try perform(store, [write(log: install, rows: [row(round, round), row(9, round)])])
            if round == 3 { store = try reopen(store) }
            #expect(try rows(store, of: shard) == [[round, round], [9, round]])
        }
        try expectNeighbours(store)
    }
}
