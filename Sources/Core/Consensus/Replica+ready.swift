// The dialogue with the shell.

/// What has been handed out and not yet reported back.
struct HandedOut {
    /// As of the last `Ready`.
    var softState = SoftState(leader: nil, role: .follower)
    var hardState = HardState.initial
    /// Numbers `Ready`s and writes alike.
    var sequence: UInt64 = 0
    /// In the order in which they were handed out.
    var writes: [PendingWrite] = []
    /// Membership changes that are being applied.
    private var membershipChanges: [EntryIndex] = []
    /// The membership in force is the one as of this index.
    private(set) var membershipIndex: EntryIndex

    struct PendingWrite {
        let sequence: UInt64
        /// They leave once the write is flushed.
        let answers: [Message]
        let receipt: FlushReceipt?
    }

    init(membershipIndex: EntryIndex) { self.membershipIndex = membershipIndex }

    mutating func addMembershipChanges(in entries: [Entry]) {
        for entry in entries {
            if case .membershipChange = entry.payload { membershipChanges.append(entry.index) }
        }
    }

    mutating func takeMembershipChange(at index: EntryIndex) {
        precondition(
            membershipChanges.first == index,
            "a membership change was applied out of order or before it was committed")
        membershipChanges.removeFirst()
        membershipIndex = index
    }

    /// A snapshot that ends at `index` brought its own membership. What was being applied lies before it.
    mutating func supersedeMembershipChanges(by index: EntryIndex) {
        membershipChanges = []
        membershipIndex = index
    }

    func hasMembershipChange(upTo index: EntryIndex) -> Bool { membershipChanges.first.map { $0 <= index } ?? false }
}

/// What a flush makes stable.
struct FlushReceipt: Hashable {
    /// The term when the write was handed out.
    let term: Term
    /// The log's end then, if any of it was unstable.
    let last: EntryID?
    let snapshot: Snapshot?
}

extension Replica {
    private var isSynchronous: Bool { configuration.storageWrites == .synchronous }

    /// Whether `ready` has anything to say.
    public var hasReady: Bool {
        failure == nil
            && (softState != handedOut.softState || hardState != handedOut.hardState
                || log.unstable.nextSnapshot != nil || !outbox.isEmpty || !outboxAfterFlush.isEmpty
                || log.unstable.hasNextEntries || log.hasNextCommitted(allowsUnstable: isSynchronous)
                || !readStates.isEmpty)
    }

    /// What is to be done now. With synchronous storage writes, `advance` comes before the next call.
    public mutating func ready() -> Ready {
        precondition(!isSynchronous || handedOut.writes.isEmpty, "ready was called twice without advance")
        let committed = failure == nil ? log.nextCommitted(allowsUnstable: isSynchronous) : []
        if committed == nil { stop(.logUnreadable(log.applying.next)) }
        let committedEntries = committed ?? []
        let entries = failure == nil ? log.unstable.nextEntries : []
        let snapshot = failure == nil ? log.unstable.nextSnapshot : nil
        let newHardState = hardState == handedOut.hardState || failure != nil ? nil : hardState
        let mustSync =
            !entries.isEmpty
            || newHardState.map { $0.vote != handedOut.hardState.vote || $0.term != handedOut.hardState.term } ?? false
        handedOut.sequence += 1
        let write = handOutWrite(hardState: newHardState, entries: entries, snapshot: snapshot)
        defer { accept(hardState: newHardState, committedEntries: committedEntries) }
        return Ready(
            softState: softState == handedOut.softState ? nil : softState, hardState: newHardState,
            readStates: readStates, entries: entries, snapshot: snapshot, committedEntries: committedEntries,
            messages: isSynchronous ? outbox + outboxAfterFlush.filter { $0.to != id } : outbox, mustSync: mustSync,
            write: isSynchronous ? nil : write,
            apply: isSynchronous || committedEntries.isEmpty ? nil : Application(entries: committedEntries),
            sequence: handedOut.sequence)
    }

    private mutating func handOutWrite(hardState: HardState?, entries: [Entry], snapshot: Snapshot?) -> LogWrite? {
        guard isSynchronous || hardState != nil || !entries.isEmpty || snapshot != nil || !outboxAfterFlush.isEmpty
        else {
            return nil
        }
        // Not only when there are entries in this write: had the term changed while the last ones were being written,
        // their receipt was ignored, and they would stay unstable for ever.
        let receipt: FlushReceipt? =
            log.unstable.entries.isEmpty && snapshot == nil
            ? nil : FlushReceipt(term: term, last: log.unstable.entries.last?.id, snapshot: snapshot)
        let answers = isSynchronous ? outboxAfterFlush.filter { $0.to == id } : outboxAfterFlush
        handedOut.writes.append(
            HandedOut.PendingWrite(sequence: handedOut.sequence, answers: answers, receipt: receipt))
        return LogWrite(
            sequence: handedOut.sequence, hardState: hardState, entries: entries, snapshot: snapshot,
            needsFlush: receipt != nil || !answers.isEmpty)
    }

    private mutating func accept(hardState: HardState?, committedEntries: [Entry]) {
        handedOut.softState = softState
        if let hardState { handedOut.hardState = hardState }
        readStates = []
        outbox = []
        outboxAfterFlush = []
        log.acceptUnstable()
        log.acceptApplying(committedEntries, allowsUnstable: isSynchronous)
        handedOut.addMembershipChanges(in: committedEntries)
    }
}

// MARK: Reporting back

extension Replica {
    /// Everything in `ready` is flushed, sent and applied. Only with synchronous storage writes.
    public mutating func advance(_ ready: consuming Ready) {
        precondition(isSynchronous, "with asynchronous storage writes flushed and applied take the place of advance")
        let (answers, receipt) = takeWrite(ready.sequence)
        for answer in answers { stepOwn(answer) }
        if let receipt { stable(receipt) }
        apply(through: ready.committedEntries)
    }

    /// The write numbered `sequence`, and so every one before it, is flushed.
    ///
    /// - Returns: the answers that were waiting for it, to be sent to other members.
    public mutating func flushed(_ sequence: UInt64) -> [Message] {
        guard failure == nil else { return [] }
        let (answers, receipt) = takeWrite(sequence)
        for answer in answers where answer.to == id { stepOwn(answer) }
        if let receipt { stable(receipt) }
        return answers.filter { $0.to != id }
    }

    /// A write failed. What is on disk is unknown: this replica never answers again.
    public mutating func flushFailed() { stop(.flushFailed) }

    /// Another reader of this replica's log could not read the entry at `index`: it is damaged.
    public mutating func reportUnreadable(_ index: EntryIndex) { stop(.logUnreadable(index)) }

    /// The state machine has applied `application`, and `applyMembershipChange` was called for every change in it.
    public mutating func applied(_ application: consuming Application) {
        apply(through: application.entries)
    }

    mutating func takeWrite(_ sequence: UInt64) -> (answers: [Message], receipt: FlushReceipt?) {
        precondition(handedOut.writes.first?.sequence == sequence, "a write was reported twice or out of order")
        let write = handedOut.writes.removeFirst()
        return (write.answers, write.receipt)
    }

    mutating func stable(_ receipt: FlushReceipt) {
        // In a later term the entries may have been replaced, and the replacement be on its way to the disk: believing
        // this receipt would read the old ones back. A later write carries a receipt for what is there now.
        if let last = receipt.last, receipt.term == term { log.stable(to: last) }
        guard let snapshot = receipt.snapshot else { return }
        // It holds whatever the term: it is committed.
        log.snapshotStable(at: snapshot.last.index)
        noteApplied(to: snapshot.last.index, bytes: 0)
    }

    private mutating func apply(through entries: [Entry]) {
        guard failure == nil, let last = entries.last else { return }
        precondition(
            !handedOut.hasMembershipChange(upTo: last.index),
            "a membership change was applied without applyMembershipChange")
        noteApplied(to: last.index, bytes: entries.byteCount)
        uncommittedBytes = max(0, uncommittedBytes - entries.payloadByteCount)
    }

    /// Our own answer to ourselves. Nothing it says can be refused.
    private mutating func stepOwn(_ answer: Message) { try? process(answer) }
}
