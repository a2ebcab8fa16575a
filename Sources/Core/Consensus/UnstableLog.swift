/// The end of the log that is not known to be flushed: entries, and a snapshot that replaces everything before them.
///
/// It begins at `offset`, which may lie before the end of the flushed log: the next write then overwrites that end.
/// Invariant: `offset <= offsetInProgress <= end`.
struct UnstableLog: Hashable, Sendable {
    private(set) var snapshot: Snapshot?
    private(set) var entries: [Entry] = []
    private(set) var offset: EntryIndex
    /// Entries before this index, and the snapshot if `isSnapshotInProgress`, have been handed out for writing.
    private(set) var offsetInProgress: EntryIndex
    private(set) var isSnapshotInProgress = false

    init(after last: EntryIndex) {
        offset = last.next
        offsetInProgress = last.next
    }

    /// The index behind the last entry.
    var end: EntryIndex { offset.advanced(by: entries.count) }

    func term(at index: EntryIndex) -> Term? {
        if index < offset {
            return snapshot.flatMap { $0.last.index == index ? $0.last.term : nil }
        }
        return index < end ? entries[offset.distance(to: index)].term : nil
    }

    func slice(_ range: Range<EntryIndex>) -> ArraySlice<Entry> {
        entries[offset.distance(to: range.lowerBound)..<offset.distance(to: range.upperBound)]
    }

    var hasNextEntries: Bool { offsetInProgress < end }
    var nextEntries: [Entry] { Array(slice(offsetInProgress..<end)) }
    var nextSnapshot: Snapshot? { isSnapshotInProgress ? nil : snapshot }

    mutating func acceptInProgress() {
        offsetInProgress = end
        isSnapshotInProgress = snapshot != nil
    }

    /// Everything up to `id` is flushed and no write under way can overwrite it.
    ///
    /// Ignored when `id` is not in the log any more: it was replaced while it was being written.
    mutating func stable(to id: EntryID) {
        guard id.index >= offset, term(at: id.index) == id.term else { return }
        // The buffer is mostly shared with what was handed out: taking a new one spares a copy.
        entries = Array(entries[(offset.distance(to: id.index) + 1)...])
        offset = id.index.next
        offsetInProgress = max(offsetInProgress, offset)
    }

    mutating func snapshotStable(at index: EntryIndex) {
        guard snapshot?.last.index == index else { return }
        snapshot = nil
        isSnapshotInProgress = false
    }

    /// The snapshot replaces the whole log.
    mutating func restore(_ snapshot: Snapshot) {
        self = UnstableLog(after: snapshot.last.index)
        self.snapshot = snapshot
    }

    /// Puts `added`, at least one, at their indexes and drops everything behind the first of them.
    mutating func truncateAndAppend(_ added: some RandomAccessCollection<Entry>) {
        let first = added[added.startIndex].index
        if first == end, !entries.isEmpty {
            entries.append(contentsOf: added)
        } else if first <= offset {
            entries = Array(added)
            offset = first
            offsetInProgress = first
        } else {
            entries.removeSubrange(offset.distance(to: first)...)
            entries.append(contentsOf: added)
            offsetInProgress = min(offsetInProgress, first)
        }
    }
}
