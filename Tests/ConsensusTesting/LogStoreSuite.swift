import Consensus
import Testing

/// What every `LogStore` has to do. Self-contained, so that it can be run over any implementation.
///
/// - `make`: an empty store.
/// - `reopen`: the same store after the process has ended without a word.
public struct LogStoreSuite<Store: LogStore> {
    private let make: () throws -> Store
    private let reopen: (Store) throws -> Store

    public init(make: @escaping () throws -> Store, reopen: @escaping (Store) throws -> Store) {
        self.make = make
        self.reopen = reopen
    }

    private let group = GroupID(3)

    public func runAll() throws {
        try newGroupIsEmpty()
        try entriesComeBack()
        try reachIsLimited()
        try writesOverwriteTheEnd()
        try snapshotReplacesTheLog()
        try compactionKeepsOneTerm()
        try groupsAreApart()
        try writesSurvive()
        try partsThatAreNotNamedStay()
    }

    private func entry(_ term: UInt64, _ index: UInt64, _ payload: Entry.Payload) -> Entry {
        Entry(id: EntryID(term: Term(term), index: EntryIndex(index)), payload: payload)
    }

    private func records(_ term: UInt64, _ indexes: ClosedRange<UInt64>) -> [Entry] {
        indexes.map { entry(term, $0, .record([UInt8](repeating: UInt8($0), count: 10))) }
    }

    private func write(_ entries: [Entry], to store: Store) throws {
        try store.write([GroupWrite(group: group, log: LogWrite(sequence: 1, entries: entries))])
    }

    private func range(_ lower: UInt64, _ upper: UInt64) -> Range<EntryIndex> { EntryIndex(lower)..<EntryIndex(upper) }

    func newGroupIsEmpty() throws {
        let store = try make()
        let reader = store.reader(of: group)
        #expect(reader.firstIndex == EntryIndex(1) && reader.lastIndex == .zero)
        #expect(reader.term(at: .zero) == .zero && reader.term(at: EntryIndex(1)) == nil)
        #expect(reader.entries(in: range(1, 2), bytesMax: .max) == nil && reader.snapshot == nil)
        #expect(try store.stored(group) == StoredGroup(hardState: .initial, checkpoint: nil))
    }

    func entriesComeBack() throws {
        let store = try make()
        let change = MembershipChange(
            [
                .init(.addVoter, NodeID(1)), .init(.addLearner, NodeID(2)), .init(.remove, NodeID(3)),
                .init(.update, NodeID(4)),
            ],
            transition: .jointUntilLeft, context: [7, 8])
        let entries = [
            entry(1, 1, .empty), entry(1, 2, .membershipChange(change)), entry(2, 3, .membershipChange(.leaveJoint)),
            entry(2, 4, .record([UInt8](repeating: 5, count: 5_000))), entry(2, 5, .record([0, 255])),
        ]
        try write(entries, to: store)
        let reader = store.reader(of: group)
        #expect(reader.entries(in: range(1, 6), bytesMax: .max) == entries)
        #expect(reader.entries(in: range(2, 4), bytesMax: .max) == Array(entries[1...2]))
        #expect((0...6).map { reader.term(at: EntryIndex($0))?.rawValue } == [0, 1, 1, 2, 2, 2, nil])
    }

    func reachIsLimited() throws {
        let store = try make()
        try write(records(1, 1...9), to: store)
        let reader = store.reader(of: group)
        let all = reader.entries(in: range(1, 10), bytesMax: .max)!
        // One always, however small the limit; then as many as fit.
        #expect(reader.entries(in: range(3, 10), bytesMax: 0) == [all[2]])
        #expect(reader.entries(in: range(3, 10), bytesMax: 2 * all[0].byteCount) == Array(all[2...3]))
        #expect(reader.entries(in: range(3, 10), bytesMax: 2 * all[0].byteCount + 1) == Array(all[2...3]))
    }

    func writesOverwriteTheEnd() throws {
        let store = try make()
        let reader = store.reader(of: group)
        try write(records(1, 1...5), to: store)
        try write(records(2, 3...4), to: store)
        #expect(reader.lastIndex == EntryIndex(4))
        #expect(reader.entries(in: range(1, 5), bytesMax: .max) == records(1, 1...2) + records(2, 3...4))
        #expect(reader.term(at: EntryIndex(5)) == nil)
        try write(records(3, 1...1), to: store)
        #expect(reader.lastIndex == EntryIndex(1) && reader.term(at: EntryIndex(1)) == Term(3))
    }

    func snapshotReplacesTheLog() throws {
        let store = try make()
        let reader = store.reader(of: group)
        try write(records(1, 1...5), to: store)
        let membership = Membership(
            voters: [NodeID(1), NodeID(4)], outgoingVoters: [NodeID(1), NodeID(2)], learners: [NodeID(3)],
            nextLearners: [NodeID(2)], leavesJointAutomatically: true)!
        let snapshot = Snapshot(last: EntryID(term: Term(4), index: EntryIndex(20)), membership: membership)
        try store.write([GroupWrite(group: group, log: LogWrite(sequence: 2, snapshot: snapshot))])
        #expect(reader.firstIndex == EntryIndex(21) && reader.lastIndex == EntryIndex(20))
        #expect(reader.term(at: EntryIndex(20)) == Term(4) && reader.term(at: EntryIndex(5)) == nil)
        #expect(reader.snapshot == snapshot)
        try write(records(4, 21...22), to: store)
        #expect(reader.entries(in: range(21, 23), bytesMax: .max) == records(4, 21...22))
        #expect(try store.stored(group).checkpoint == snapshot)
        // Entries in the same write follow the snapshot.
        let later = Snapshot(last: EntryID(term: Term(5), index: EntryIndex(30)), membership: membership)
        let both = LogWrite(sequence: 3, entries: records(5, 31...32), snapshot: later)
        try store.write([GroupWrite(group: group, log: both)])
        #expect(reader.firstIndex == EntryIndex(31) && reader.term(at: EntryIndex(30)) == Term(5))
        #expect(reader.entries(in: range(31, 33), bytesMax: .max) == records(5, 31...32))
    }

    func compactionKeepsOneTerm() throws {
        let store = try make()
        let reader = store.reader(of: group)
        try write(records(1, 1...3) + records(2, 4...9), to: store)
        let membership = Membership(voters: [NodeID(1)])!
        let checkpoint = Snapshot(last: EntryID(term: Term(2), index: EntryIndex(6)), membership: membership)
        try store.write([GroupWrite(group: group, checkpoint: checkpoint, compaction: EntryIndex(4))])
        #expect(reader.firstIndex == EntryIndex(5) && reader.lastIndex == EntryIndex(9))
        #expect(reader.term(at: EntryIndex(4)) == Term(2) && reader.term(at: EntryIndex(3)) == nil)
        #expect(reader.entries(in: range(4, 7), bytesMax: .max) == nil)
        #expect(reader.entries(in: range(5, 7), bytesMax: .max) == records(2, 5...6))
        #expect(reader.snapshot == checkpoint)
        // What is gone stays gone; the whole log may go.
        try store.write([GroupWrite(group: group, compaction: EntryIndex(2))])
        #expect(reader.firstIndex == EntryIndex(5))
        try store.write([GroupWrite(group: group, compaction: EntryIndex(9))])
        #expect(reader.firstIndex == EntryIndex(10) && reader.lastIndex == EntryIndex(9))
        #expect(reader.term(at: EntryIndex(9)) == Term(2))
    }

    func groupsAreApart() throws {
        let store = try make()
        let other = GroupID(4)
        try store.write([
            GroupWrite(group: group, log: LogWrite(sequence: 1, entries: records(1, 1...2))),
            GroupWrite(group: other, log: LogWrite(sequence: 1, entries: records(7, 1...4))),
        ])
        #expect(store.reader(of: group).lastIndex == EntryIndex(2))
        #expect(store.reader(of: other).term(at: EntryIndex(1)) == Term(7))
        try store.write([GroupWrite(group: other, compaction: EntryIndex(4))])
        #expect(store.reader(of: group).firstIndex == EntryIndex(1))
    }

    func writesSurvive() throws {
        let store = try make()
        let hard = HardState(term: Term(9), vote: NodeID(2), commit: EntryIndex(3))
        let checkpoint = Snapshot(
            last: EntryID(term: Term(1), index: EntryIndex(2)), membership: Membership(voters: [NodeID(1), NodeID(2)])!)
        let log = LogWrite(sequence: 1, hardState: hard, entries: records(1, 1...5))
        try store.write([GroupWrite(group: group, log: log, checkpoint: checkpoint, compaction: EntryIndex(1))])
        let reopened = try reopen(store)
        let reader = reopened.reader(of: group)
        #expect(try reopened.stored(group) == StoredGroup(hardState: hard, checkpoint: checkpoint))
        #expect(reader.firstIndex == EntryIndex(2) && reader.lastIndex == EntryIndex(5))
        #expect(reader.entries(in: range(2, 6), bytesMax: .max) == records(1, 2...5) && reader.snapshot == checkpoint)
        #expect(reader.term(at: EntryIndex(1)) == Term(1))
    }

    func partsThatAreNotNamedStay() throws {
        let store = try make()
        let hard = HardState(term: Term(2), vote: nil, commit: EntryIndex(1))
        try store.write([
            GroupWrite(group: group, log: LogWrite(sequence: 1, hardState: hard, entries: records(1, 1...2)))
        ])
        try write(records(2, 3...3), to: store)
        try store.write([GroupWrite(group: group)])
        #expect(try store.stored(group) == StoredGroup(hardState: hard, checkpoint: nil))
        #expect(store.reader(of: group).lastIndex == EntryIndex(3))
    }
}
