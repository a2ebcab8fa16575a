/// The whole log of one replica: what is flushed, read through the store, and what is not yet.
///
/// Invariant: `applied <= applying <= committed < end`.
struct ReplicaLog {
    let reader: any LogReader
    private(set) var unstable: UnstableLog
    /// Known to be flushed on a quorum.
    private(set) var committed: EntryIndex
    /// Handed out to be applied.
    private(set) var applying: EntryIndex
    private(set) var applied: EntryIndex
    /// Bounds the bytes of entries that are handed out and not yet applied.
    let applyingBytesMax: Int
    private var applyingBytes = 0
    private var isApplyingPaused = false

    init(reader: any LogReader, applyingBytesMax: Int) {
        self.reader = reader
        self.applyingBytesMax = applyingBytesMax
        unstable = UnstableLog(after: reader.lastIndex)
        committed = reader.firstIndex.previous
        applying = committed
        applied = committed
    }

    var firstIndex: EntryIndex { unstable.snapshot?.last.index.next ?? reader.firstIndex }
    var lastIndex: EntryIndex { unstable.end.previous }
    /// Nil when the store cannot read it.
    var lastID: EntryID? { term(at: lastIndex).map { EntryID(term: $0, index: lastIndex) } }
    /// The last entry that is flushed and that no write under way replaces. Nil when the store cannot read it.
    var flushedID: EntryID? {
        let index = unstable.offset.previous
        return term(at: index).map { EntryID(term: $0, index: index) }
    }
    /// The newest that can be sent. Only a leader asks, and no node leads before the snapshot that it was sent is
    /// installed.
    var snapshot: Snapshot? { reader.snapshot }

    /// The term of any entry that is held, or of the one just before the first; nil for all others.
    func term(at index: EntryIndex) -> Term? {
        if let term = unstable.term(at: index) { return term }
        guard index.next >= firstIndex, index < unstable.offset else { return nil }
        return reader.term(at: index)
    }

    /// Whether an entry that is not compacted away, or the one just before the first, cannot be read: it is damaged.
    func isUnreadable(at index: EntryIndex) -> Bool {
        // Another thread may have compacted it meanwhile, so where the log begins is looked at last.
        index <= lastIndex && term(at: index) == nil && index.next >= firstIndex
    }

    func holds(_ id: EntryID) -> Bool { term(at: id.index) == id.term }

    /// Whether another entry than `id` is committed in its place: what a leader has never differs from what is
    /// committed (Raft, section 5.4.3). What is compacted away cannot be compared.
    func contradicts(_ id: EntryID) -> Bool {
        guard id.index <= committed, let term = term(at: id.index) else { return false }
        return term != id.term
    }

    /// The first of `entries` in whose place another is committed; nil when there is none that can be compared.
    ///
    /// They are compared whole: once a node has lost its vote, two leaders may have had the same term.
    func conflict(with entries: some Collection<Entry>) -> EntryIndex? {
        let held = entries.drop { $0.index < firstIndex }
        guard let first = held.first?.index else { return nil }
        let end = first.advanced(by: held.count)
        precondition(end <= committed.next, "what is not committed may differ")
        guard let own = self.entries(in: first..<end, bytesMax: .max) else { return nil }
        return zip(own, held).first { $0 != $1 }?.0.index
    }

    /// A prefix of the entries in `range` of about `bytesMax` bytes; nil when the first of them is compacted away.
    func entries(in range: Range<EntryIndex>, bytesMax: Int) -> [Entry]? {
        precondition(range.upperBound <= unstable.end, "entries past the end of the log were asked for")
        guard !range.isEmpty else { return [] }
        if range.lowerBound >= unstable.offset {
            return Array(unstable.slice(range).prefix(bytesMax: bytesMax))
        }
        let flushed = range.clamped(to: range.lowerBound..<unstable.offset)
        guard var entries = reader.entries(in: flushed, bytesMax: bytesMax) else { return nil }
        guard entries.count == flushed.count, flushed.upperBound < range.upperBound else { return entries }
        var bytes = entries.byteCount
        for entry in unstable.slice(flushed.upperBound..<range.upperBound) {
            bytes += entry.byteCount
            if bytes > bytesMax { break }
            entries.append(entry)
        }
        return entries
    }

    func entries(from first: EntryIndex, bytesMax: Int) -> [Entry]? {
        first > lastIndex ? [] : entries(in: first..<unstable.end, bytesMax: bytesMax)
    }

    /// The highest index up to `index` at which this log may agree with one that holds `term` at `index`, and our term
    /// there.
    ///
    /// Terms only rise along a log, so everything above with a later term cannot agree: one probe per term, not per
    /// entry (Raft, section 5.3, the optimisation at its end). An unknown term counts as agreement, with term 0.
    func possibleAgreement(upTo index: EntryIndex, term: Term) -> EntryID {
        var index = index
        while index > .zero {
            guard let ours = self.term(at: index) else { return EntryID(term: .zero, index: index) }
            if ours <= term { return EntryID(term: ours, index: index) }
            index = index.previous
        }
        return .zero
    }
}

// MARK: Appending and committing

extension ReplicaLog {
    /// Puts `entries`, at least one, at their indexes and drops everything behind the first of them.
    mutating func append(_ entries: some RandomAccessCollection<Entry>) {
        precondition(entries[entries.startIndex].index > committed, "a committed entry was to be overwritten")
        unstable.truncateAndAppend(entries)
    }

    /// Appends what the leader sent behind `previous` and drops what conflicts with it (Raft, figure 2, AppendEntries).
    ///
    /// - Returns: up to where the log agrees with the leader's, or nil when it does not hold `previous`.
    mutating func merge(_ entries: [Entry], after previous: EntryID) -> EntryIndex? {
        guard holds(previous) else { return nil }
        if let position = entries.firstIndex(where: { !holds($0.id) }) { append(entries[position...]) }
        return previous.index.advanced(by: entries.count)
    }

    /// - Returns: false when `index` lies past the end of the log.
    mutating func commit(to index: EntryIndex) -> Bool {
        guard index > committed else { return true }
        guard index <= lastIndex else { return false }
        committed = index
        return true
    }

    /// Commits only an entry of `id.term`, the leader's own: entries of earlier terms follow with it (Raft, section
    /// 5.4.2).
    ///
    /// - Returns: whether the commit index moved.
    mutating func commitOwn(_ id: EntryID) -> Bool {
        guard id.term != .zero, id.index > committed, holds(id) else { return false }
        return commit(to: id.index)
    }

    mutating func restore(_ snapshot: Snapshot) {
        committed = snapshot.last.index
        unstable.restore(snapshot)
    }

    mutating func acceptUnstable() { unstable.acceptInProgress() }
    mutating func stable(to id: EntryID) { unstable.stable(to: id) }
    mutating func snapshotStable(at index: EntryIndex) { unstable.snapshotStable(at: index) }

    /// Takes up where the last run ended.
    mutating func resume(committed: EntryIndex, applied: EntryIndex) {
        // What was applied or compacted away was committed, even if the commit index was not written since.
        self.applied = max(applied, self.applied)
        self.committed = max(committed, self.applied)
        applying = self.applied
        precondition(self.committed <= lastIndex, "the stored log ends before the stored commit index")
    }
}

// MARK: Applying

extension ReplicaLog {
    private func appliableEnd(allowsUnstable: Bool) -> EntryIndex {
        allowsUnstable ? committed.next : min(committed.next, unstable.offset)
    }

    func hasNextCommitted(allowsUnstable: Bool) -> Bool {
        // A snapshot is installed before anything is applied behind it.
        !isApplyingPaused && unstable.snapshot == nil && applying.next < appliableEnd(allowsUnstable: allowsUnstable)
    }

    /// Committed entries not handed out before; nil when they cannot be read.
    func nextCommitted(allowsUnstable: Bool) -> [Entry]? {
        guard hasNextCommitted(allowsUnstable: allowsUnstable) else { return [] }
        let range = applying.next..<appliableEnd(allowsUnstable: allowsUnstable)
        return entries(in: range, bytesMax: applyingBytesMax - applyingBytes)
    }

    mutating func acceptApplying(_ entries: [Entry], allowsUnstable: Bool) {
        guard let last = entries.last else { return }
        applying = last.index
        applyingBytes += entries.byteCount
        // A shortened batch says that the next entry would pass the limit.
        isApplyingPaused =
            applyingBytes >= applyingBytesMax
            || last.index.next < appliableEnd(allowsUnstable: allowsUnstable)
    }

    mutating func applied(to index: EntryIndex, bytes: Int) {
        precondition(
            index >= applied && index <= committed, "entries were applied out of order or before they were committed")
        applied = index
        applying = max(applying, index)
        applyingBytes = max(0, applyingBytes - bytes)
        isApplyingPaused = applyingBytes >= applyingBytesMax
    }
}
