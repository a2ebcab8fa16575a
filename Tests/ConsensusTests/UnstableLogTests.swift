import Testing

@testable import Consensus

@Suite("The unstable end of the log")
struct UnstableLogTests {
    /// Entries of term 1 from 5 on, the first `written` of them handed out.
    private func log(_ last: UInt64, written: UInt64 = 0) -> UnstableLog {
        var log = UnstableLog(after: EntryIndex(4))
        guard written > 0 else {
            log.truncateAndAppend(entries(1, 5...last))
            return log
        }
        log.truncateAndAppend(entries(1, 5...(4 + written)))
        log.acceptInProgress()
        if 4 + written < last { log.truncateAndAppend(entries(1, (5 + written)...last)) }
        return log
    }

    private func entries(_ term: UInt64, _ indexes: ClosedRange<UInt64>) -> [Entry] {
        indexes.map { Example.entry(term, $0) }
    }

    @Test("hands out each entry once")
    func once() {
        var log = log(9, written: 2)
        #expect(log.nextEntries == entries(1, 7...9))
        log.acceptInProgress()
        #expect(log.nextEntries.isEmpty && !log.hasNextEntries)
    }

    @Test(
        "hands out again what replaces entries in its middle, whether they were handed out or not",
        arguments: [0, 2, 4, 5] as [UInt64])
    func middle(written: UInt64) {
        var log = log(9, written: written)
        log.truncateAndAppend(entries(2, 7...7))
        #expect(log.entries == entries(1, 5...6) + entries(2, 7...7))
        #expect(log.offset == EntryIndex(5) && log.end == EntryIndex(8))
        #expect(log.nextEntries.last == Example.entry(2, 7) && log.nextEntries.count == 3 - Int(min(written, 2)))
    }

    @Test("begins anew when the entries before it are replaced")
    func before() {
        var log = log(9, written: 5)
        log.truncateAndAppend(entries(2, 3...4))
        #expect(log.entries == entries(2, 3...4) && log.offset == EntryIndex(3) && log.nextEntries.count == 2)
    }

    @Test("forgets what is flushed, and only that")
    func stable() {
        var log = log(9, written: 4)
        log.stable(to: Example.id(1, 6))
        #expect(log.entries == entries(1, 7...9) && log.nextEntries == entries(1, 9...9))
        log.stable(to: Example.id(2, 8))
        log.stable(to: Example.id(1, 4))
        log.stable(to: Example.id(1, 12))
        #expect(log.entries == entries(1, 7...9))
        log.stable(to: Example.id(1, 9))
        #expect(log.entries.isEmpty && log.offset == EntryIndex(10) && log.offsetInProgress == EntryIndex(10))
    }

    @Test("knows the end of its snapshot, and keeps it until that very one is flushed")
    func snapshot() {
        var log = log(9)
        let snapshot = Snapshot(last: Example.id(3, 20), membership: Example.membership(1))
        log.restore(snapshot)
        #expect(log.end == EntryIndex(21) && log.entries.isEmpty && log.nextSnapshot == snapshot)
        #expect(log.term(at: EntryIndex(20)) == Term(3) && log.term(at: EntryIndex(19)) == nil)
        #expect(log.term(at: EntryIndex(21)) == nil)
        log.acceptInProgress()
        #expect(log.nextSnapshot == nil && log.snapshot == snapshot)
        log.snapshotStable(at: EntryIndex(19))
        #expect(log.snapshot == snapshot)
        log.snapshotStable(at: EntryIndex(20))
        #expect(log.snapshot == nil && !log.isSnapshotInProgress)
    }
}

@Suite("The whole log")
struct ReplicaLogTests {
    /// Entries 4 to 6 of term 1 flushed behind a compacted part, 7 to 8 of term 2 not.
    private func log() throws -> ReplicaLog {
        let store = MemoryLogStore()
        let write = LogWrite(sequence: 1, entries: (1...6).map { Example.entry(1, $0) })
        try store.write([GroupWrite(group: Example.group, log: write, compaction: EntryIndex(3))])
        var log = ReplicaLog(reader: store.reader(of: Example.group), applyingBytesMax: 1_000)
        log.append((7...8).map { Example.entry(2, $0) })
        return log
    }

    @Test("reads across the border between flushed and unstable, within the limit")
    func across() throws {
        let log = try log()
        let size = Example.entry(1, 1).byteCount
        let range = EntryIndex(5)..<EntryIndex(9)
        #expect(log.entries(in: range, bytesMax: .max)?.map(\.index.rawValue) == [5, 6, 7, 8])
        #expect(log.entries(in: range, bytesMax: 3 * size)?.map(\.index.rawValue) == [5, 6, 7])
        #expect(log.entries(in: range, bytesMax: 2 * size)?.map(\.index.rawValue) == [5, 6])
        #expect(log.entries(in: range, bytesMax: 0)?.map(\.index.rawValue) == [5])
        #expect(log.entries(in: EntryIndex(3)..<EntryIndex(9), bytesMax: .max) == nil)
        #expect(log.entries(in: EntryIndex(7)..<EntryIndex(7), bytesMax: .max) == [])
        #expect(log.entries(from: EntryIndex(9), bytesMax: .max) == [])
        #expect((2...9).map { log.term(at: EntryIndex($0))?.rawValue } == [nil, 1, 1, 1, 1, 2, 2, nil])
    }

    @Test("hands out no more to apply than the limit, until some of it is applied")
    func applying() {
        let store = MemoryLogStore()
        let size = Example.entry(1, 1).byteCount
        var log = ReplicaLog(reader: store.reader(of: Example.group), applyingBytesMax: 2 * size)
        log.append((1...5).map { Example.entry(1, $0) })
        let isCommitted = log.commit(to: EntryIndex(5))
        #expect(isCommitted && log.nextCommitted(allowsUnstable: false) == [])
        var batch = log.nextCommitted(allowsUnstable: true)!
        #expect(batch.map(\.index.rawValue) == [1, 2])
        log.acceptApplying(batch, allowsUnstable: true)
        #expect(!log.hasNextCommitted(allowsUnstable: true) && log.nextCommitted(allowsUnstable: true) == [])
        log.applied(to: EntryIndex(1), bytes: size)
        batch = log.nextCommitted(allowsUnstable: true)!
        #expect(batch.map(\.index.rawValue) == [3])
        log.acceptApplying(batch, allowsUnstable: true)
        log.applied(to: EntryIndex(3), bytes: 2 * size)
        #expect(log.nextCommitted(allowsUnstable: true)?.count == 2)
    }

    @Test("guesses at an agreement once per term, and gives unknown terms the benefit of the doubt")
    func agreement() throws {
        let log = try log()
        #expect(log.possibleAgreement(upTo: EntryIndex(8), term: Term(1)) == Example.id(1, 6))
        #expect(log.possibleAgreement(upTo: EntryIndex(8), term: Term(2)) == Example.id(2, 8))
        #expect(log.possibleAgreement(upTo: EntryIndex(8), term: .zero) == Example.id(0, 2))
        #expect(log.possibleAgreement(upTo: EntryIndex(99), term: .zero) == Example.id(0, 99))
        #expect(log.possibleAgreement(upTo: .zero, term: Term(2)) == .zero)
    }
}
