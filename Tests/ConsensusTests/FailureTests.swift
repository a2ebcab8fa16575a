import Synchronization
import Testing

@testable import Consensus

/// What a replica does when the world lets it down: it ends, and never answers again.
@Suite("A replica that cannot go on")
struct FailureTests {
    @Test("says nothing that rests on a failed flush, and refuses everything after it")
    func flushFailed() throws {
        let store = MemoryLogStore()
        var replica = Example.replica(of: Example.membership(1, 2), on: store)
        try replica.hear(.append(previous: .zero, entries: [Example.entry(1, 1)], commit: .zero), term: 1)
        let sequence = replica.ready().write!.sequence
        replica.flushFailed()
        #expect(replica.failure == .flushFailed)
        #expect(replica.flushed(sequence).isEmpty)
        expectSilent(replica)
        replica.tick()
        replica.campaign()
        replica.transferLeadership(to: NodeID(2))
        replica.reportUnreachable(NodeID(2))
        replica.reportSnapshot(to: NodeID(2), isDelivered: true)
        expectSilent(replica)
        #expect(replica.status.role == .follower)
        #expect(throws: StepRefusal.stopped(.flushFailed)) { try replica.hear(.timeoutNow, term: 2) }
        #expect(throws: ProposalRefusal.stopped(.flushFailed)) { _ = try replica.propose([[1]]) }
        #expect(throws: ReadRefusal.stopped(.flushFailed)) { try replica.read(id: 1) }
        let ready = replica.ready()
        #expect(ready.messages.isEmpty && ready.entries.isEmpty && ready.write == nil)
    }

    private func expectSilent(_ replica: borrowing Replica) {
        let hasReady = replica.hasReady
        #expect(!hasReady)
    }

    @Test("keeps its first reason")
    func firstReason() throws {
        var replica = Example.replica()
        replica.stop(.logUnreadable(EntryIndex(3)))
        replica.flushFailed()
        #expect(replica.failure == .logUnreadable(EntryIndex(3)))
    }

    @Test("ends when a leader overwrites what is committed")
    func committedConflict() throws {
        let store = MemoryLogStore()
        var replica = Example.replica(of: Example.membership(1, 2), on: store)
        try replica.hear(
            .append(previous: .zero, entries: [Example.entry(1, 1), Example.entry(1, 2)], commit: EntryIndex(2)),
            term: 1)
        _ = try replica.settle(on: store)
        try replica.hear(.append(previous: Example.id(1, 2), entries: [], commit: EntryIndex(2)), term: 1)
        #expect(replica.failure == nil)
        try replica.hear(.append(previous: Example.id(2, 2), entries: [], commit: EntryIndex(2)), term: 2)
        #expect(replica.failure == .committedEntryConflict(EntryIndex(2)))
    }

    @Test("ends when a leader has another entry where this replica has committed one, however old", arguments: 0...4)
    func earlierConflict(kind: Int) throws {
        let store = MemoryLogStore()
        var replica = Example.replica(of: Example.membership(1, 2), on: store)
        let entries = (1...3).map { Example.entry(1, $0) }
        try replica.hear(.append(previous: .zero, entries: entries, commit: EntryIndex(3)), term: 1)
        _ = try replica.settle(on: store)
        // Said before: it agrees, as far as it goes.
        try replica.hear(.append(previous: Example.id(1, 1), entries: [], commit: .zero), term: 2)
        try replica.hear(.append(previous: Example.id(1, 1), entries: [entries[1]], commit: .zero), term: 2)
        try replica.hear(
            .append(previous: Example.id(1, 2), entries: [entries[2], Example.entry(2, 4)], commit: .zero), term: 2)
        try replica.hear(
            .installSnapshot(Snapshot(last: Example.id(1, 2), membership: Example.membership(1, 2))), term: 2)
        #expect(replica.failure == nil)
        switch kind {
        case 0: try replica.hear(.append(previous: Example.id(2, 2), entries: [], commit: .zero), term: 2)
        case 1:
            try replica.hear(
                .append(previous: Example.id(1, 1), entries: [Example.entry(2, 2)], commit: .zero), term: 2)
        case 2:
            // A node that has lost its vote can bring about two leaders of one term.
            try replica.hear(
                .append(previous: Example.id(1, 1), entries: [Example.entry(1, 2, [7])], commit: .zero), term: 2)
        case 3:
            // What comes behind its own end is no excuse.
            try replica.hear(
                .append(
                    previous: Example.id(1, 1), entries: (2...5).map { Example.entry(2, $0) }, commit: EntryIndex(5)),
                term: 2)
        default:
            try replica.hear(
                .installSnapshot(Snapshot(last: Example.id(2, 2), membership: Example.membership(1, 2))), term: 2)
        }
        #expect(replica.failure == .committedEntryConflict(EntryIndex(2)))
        expectSilent(replica)
    }

    @Test("takes no acknowledgement of what it has not as the progress of a member")
    func acknowledgedBeyond() throws {
        let store = MemoryLogStore()
        var replica = Example.replica(of: Example.membership(1, 2, 3), on: store) { $0.preVotes = false }
        replica.campaign()
        _ = try replica.settle(on: store)
        try replica.hear(.vote(isGranted: true), term: 1)
        _ = try replica.settle(on: store)
        try replica.hear(.appendAccepted(matched: EntryIndex(9)), term: 1)
        let position = try #require(replica.tracker.position(of: NodeID(2)))
        #expect(replica.tracker[position].match == .zero && replica.status.hardState.commit == .zero)
        _ = try replica.propose([[1]])
        _ = try replica.settle(on: store)
        #expect(replica.status.hardState.commit == .zero)
        try replica.hear(.appendAccepted(matched: EntryIndex(2)), term: 1)
        #expect(replica.status.hardState.commit == EntryIndex(2))
    }

    @Test("ends when the leader counts on entries that it lost")
    func lostEntries() throws {
        var replica = Example.replica(of: Example.membership(1, 2))
        try replica.hear(.heartbeat(commit: EntryIndex(5), readMark: 0), term: 1)
        #expect(replica.failure == .acknowledgedEntriesLost(commit: EntryIndex(5), last: .zero))
        expectSilent(replica)
    }

    @Test("ends when the log cannot be read where it must be")
    func unreadable() throws {
        let store = MemoryLogStore()
        let write = LogWrite(
            sequence: 1, hardState: HardState(term: Term(1), vote: nil, commit: EntryIndex(2)),
            entries: [Example.entry(1, 1), Example.entry(1, 2)])
        try store.write([GroupWrite(group: Example.group, log: write)])
        func replica() -> Replica {
            Replica(
                id: NodeID(1), configuration: ReplicaConfiguration(),
                log: Damaged(log: store.reader(of: Example.group)),
                hardState: write.hardState!, membership: Example.membership(1, 2), applied: .zero,
                generator: SplitMix64(seed: 1))
        }
        var applying = replica()
        #expect(applying.ready().committedEntries.isEmpty)
        #expect(applying.failure == .logUnreadable(EntryIndex(1)))
        // It cannot tell whether a membership change waits to be applied, so it does not campaign.
        var campaigning = replica()
        campaigning.campaign()
        #expect(!campaigning.status.role.isCampaigning)
        var voting = replica()
        try voting.hear(.requestVote(last: Example.id(1, 9), forTransfer: true), term: 2)
        #expect(voting.failure == .logUnreadable(EntryIndex(2)))
    }

    @Test("ends when it cannot tell whether its log agrees with the leader's")
    func unreadablePrevious() throws {
        let store = MemoryLogStore()
        let write = LogWrite(sequence: 1, entries: [Example.entry(1, 1), Example.entry(1, 2)])
        try store.write([GroupWrite(group: Example.group, log: write)])
        var replica = Replica(
            id: NodeID(1), configuration: ReplicaConfiguration(), log: Damaged(log: store.reader(of: Example.group)),
            hardState: HardState(term: Term(1), vote: nil, commit: .zero), membership: Example.membership(1, 2),
            applied: .zero, generator: SplitMix64(seed: 1))
        // What is not there is refused, what is there and cannot be read is the end.
        try replica.hear(.append(previous: Example.id(1, 3), entries: [], commit: .zero), term: 1)
        #expect(replica.failure == nil)
        try replica.hear(.append(previous: Example.id(1, 2), entries: [], commit: .zero), term: 1)
        #expect(replica.failure == .logUnreadable(EntryIndex(2)))
    }

    @Test("ends when its own end cannot be read before an election")
    func unreadableEnd() throws {
        let store = MemoryLogStore()
        let write = LogWrite(
            sequence: 1, hardState: HardState(term: Term(1), vote: nil, commit: .zero), entries: [Example.entry(1, 1)])
        try store.write([GroupWrite(group: Example.group, log: write)])
        var replica = Replica(
            id: NodeID(1), configuration: ReplicaConfiguration(), log: Damaged(log: store.reader(of: Example.group)),
            hardState: write.hardState!, membership: Example.membership(1), applied: .zero,
            generator: SplitMix64(seed: 1))
        replica.campaign()
        #expect(replica.failure == .logUnreadable(EntryIndex(1)))
    }

    @Test("sends a snapshot in the place of entries that cannot be read")
    func unreadableEntries() throws {
        let store = MemoryLogStore()
        let write = LogWrite(sequence: 1, entries: [Example.entry(1, 1), Example.entry(1, 2)])
        let snapshot = Snapshot(last: Example.id(1, 1), membership: Example.membership(1, 2))
        try store.write([GroupWrite(group: Example.group, log: write, checkpoint: snapshot)])
        var configuration = ReplicaConfiguration()
        configuration.preVotes = false
        var replica = Replica(
            id: NodeID(1), configuration: configuration, log: EntriesDamaged(log: store.reader(of: Example.group)),
            hardState: HardState(term: Term(1), vote: nil, commit: .zero), membership: snapshot.membership,
            applied: EntryIndex(1),
            generator: SplitMix64(seed: 1))
        replica.campaign()
        _ = try replica.settle(on: store)
        try replica.hear(.vote(isGranted: true), term: 2)
        _ = try replica.settle(on: store)
        try replica.hear(.appendRejected(at: EntryIndex(2), hint: Example.id(1, 1)), term: 2)
        let sent = try replica.settle(on: store)
        #expect(sent.map(\.body) == [.installSnapshot(snapshot)])
    }

    @Test("ends when it leads and cannot read what another member lacks", arguments: [1, 2])
    func unreadableForOthers(damaged: UInt64) throws {
        let store = MemoryLogStore()
        let write = LogWrite(sequence: 1, entries: [Example.entry(1, 1), Example.entry(1, 2), Example.entry(1, 3)])
        let checkpoint = Snapshot(last: .zero, membership: Example.membership(1, 2))
        try store.write([GroupWrite(group: Example.group, log: write, checkpoint: checkpoint)])
        var configuration = ReplicaConfiguration()
        configuration.preVotes = false
        var replica = Replica(
            id: NodeID(1), configuration: configuration,
            log: PartlyDamaged(log: store.reader(of: Example.group), damaged: EntryIndex(damaged)),
            hardState: HardState(term: Term(1), vote: nil, commit: .zero), membership: checkpoint.membership,
            applied: .zero, generator: SplitMix64(seed: 1))
        replica.campaign()
        _ = try replica.settle(on: store)
        try replica.hear(.vote(isGranted: true), term: 2)
        _ = try replica.settle(on: store)
        #expect(replica.status.role == .leader && replica.lastIndex == EntryIndex(4))
        #expect(replica.term(at: EntryIndex(3)) == Term(1) && replica.membership == checkpoint.membership)
        // A snapshot up to 0 would bring it nothing.
        try replica.hear(.appendRejected(at: EntryIndex(3), hint: Example.id(1, 1)), term: 2)
        #expect(replica.failure == .logUnreadable(EntryIndex(2)))
    }

    @Test("waits for the snapshot in the place of what is compacted away, and sends it once it is durable")
    func compactedBeforeItsSnapshot() throws {
        let store = MemoryLogStore()
        let write = LogWrite(sequence: 1, entries: [Example.entry(1, 1), Example.entry(1, 2), Example.entry(1, 3)])
        let members = Example.membership(1, 2)
        try store.write([
            GroupWrite(group: Example.group, log: write, checkpoint: Snapshot(last: .zero, membership: members))
        ])
        var configuration = ReplicaConfiguration()
        configuration.preVotes = false
        let log = Compacting(log: store.reader(of: Example.group))
        var replica = Replica(
            id: NodeID(1), configuration: configuration, log: log,
            hardState: HardState(term: Term(1), vote: nil, commit: .zero), membership: members, applied: .zero,
            generator: SplitMix64(seed: 1))
        replica.campaign()
        _ = try replica.settle(on: store)
        try replica.hear(.vote(isGranted: true), term: 2)
        _ = try replica.settle(on: store)
        log.base.store(2, ordering: .relaxed)
        try replica.hear(.appendRejected(at: EntryIndex(3), hint: Example.id(1, 1)), term: 2)
        #expect(try replica.settle(on: store).isEmpty && replica.failure == nil)
        let snapshot = Snapshot(last: Example.id(1, 2), membership: members)
        try store.write([GroupWrite(group: Example.group, checkpoint: snapshot)])
        try replica.hear(.heartbeatAnswer(readMark: 0), term: 2)
        #expect(try replica.settle(on: store).map(\.body) == [.installSnapshot(snapshot)])
    }

    @Test("ends when it is asked to read and cannot tell the term of what is committed")
    func unreadableCommit() throws {
        let store = MemoryLogStore()
        let write = LogWrite(
            sequence: 1, hardState: HardState(term: Term(1), vote: nil, commit: EntryIndex(2)),
            entries: [Example.entry(1, 1), Example.entry(1, 2), Example.entry(1, 3)])
        try store.write([GroupWrite(group: Example.group, log: write)])
        var configuration = ReplicaConfiguration()
        configuration.preVotes = false
        var replica = Replica(
            id: NodeID(1), configuration: configuration,
            log: PartlyDamaged(log: store.reader(of: Example.group), damaged: EntryIndex(2)),
            hardState: write.hardState!, membership: Example.membership(1, 2), applied: EntryIndex(2),
            generator: SplitMix64(seed: 1))
        replica.campaign()
        _ = try replica.settle(on: store)
        try replica.hear(.vote(isGranted: true), term: 2)
        #expect(replica.status.role == .leader && replica.failure == nil)
        // It would wait for ever for an entry of its own term to be the one that is committed.
        try replica.read(id: 1)
        #expect(replica.failure == .logUnreadable(EntryIndex(2)))
    }

    @Test("ends when another reader could not read its log")
    func unreadableForReader() {
        var replica = Example.replica()
        replica.reportUnreadable(EntryIndex(7))
        #expect(replica.failure == .logUnreadable(EntryIndex(7)))
    }

    /// A log with one entry damaged.
    private struct PartlyDamaged: LogReader {
        let log: MemoryLog
        let damaged: EntryIndex
        var firstIndex: EntryIndex { log.firstIndex }
        var lastIndex: EntryIndex { log.lastIndex }
        var snapshot: Snapshot? { log.snapshot }
        func term(at index: EntryIndex) -> Term? { index == damaged ? nil : log.term(at: index) }
        func entries(in range: Range<EntryIndex>, bytesMax: Int) -> [Entry]? {
            range.lowerBound == damaged ? nil : log.entries(in: range, bytesMax: bytesMax)
        }
    }

    /// A log of which a beginning is out of reach.
    private final class Compacting: LogReader {
        let log: MemoryLog
        let base = Atomic<UInt64>(0)
        init(log: MemoryLog) { self.log = log }
        var firstIndex: EntryIndex { max(log.firstIndex, EntryIndex(base.load(ordering: .relaxed) + 1)) }
        var lastIndex: EntryIndex { log.lastIndex }
        var snapshot: Snapshot? { log.snapshot }
        func term(at index: EntryIndex) -> Term? { index.next < firstIndex ? nil : log.term(at: index) }
        func entries(in range: Range<EntryIndex>, bytesMax: Int) -> [Entry]? {
            range.lowerBound < firstIndex ? nil : log.entries(in: range, bytesMax: bytesMax)
        }
    }

    /// A log that knows its terms only.
    private struct EntriesDamaged: LogReader {
        let log: MemoryLog
        var firstIndex: EntryIndex { log.firstIndex }
        var lastIndex: EntryIndex { log.lastIndex }
        var snapshot: Snapshot? { log.snapshot }
        func term(at index: EntryIndex) -> Term? { log.term(at: index) }
        func entries(in range: Range<EntryIndex>, bytesMax: Int) -> [Entry]? { nil }
    }

    /// A log with all its entries damaged.
    private struct Damaged: LogReader {
        let log: MemoryLog
        var firstIndex: EntryIndex { log.firstIndex }
        var lastIndex: EntryIndex { log.lastIndex }
        var snapshot: Snapshot? { nil }
        func term(at index: EntryIndex) -> Term? { nil }
        func entries(in range: Range<EntryIndex>, bytesMax: Int) -> [Entry]? { nil }
    }
}

extension Role {
    var isCampaigning: Bool { self == .candidate || self == .preCandidate }
}
