/// A store that forgets with its process. For one thread.
public final class MemoryLogStore: LogStore {
    private var logs: [GroupID: MemoryLog] = [:]
    private var failure: LogStoreFailure?

    public init() {}

    public func reader(of group: GroupID) -> MemoryLog {
        if let log = logs[group] { return log }
        let log = MemoryLog()
        logs[group] = log
        return log
    }

    public func stored(_ group: GroupID) throws(LogStoreFailure) -> StoredGroup {
        let log = reader(of: group)
        return StoredGroup(hardState: log.hardState, checkpoint: log.checkpoint)
    }

    public func write(_ writes: [GroupWrite]) throws(LogStoreFailure) {
        if let failure { throw failure }
        for write in writes { reader(of: write.group).perform(write) }
    }

    /// The next write, and every one after it, fails.
    public func fail(_ code: LogStoreFailure.Code) { failure = LogStoreFailure(code: code, message: "as asked for") }
}

/// The log of one group in memory.
public final class MemoryLog: LogReader {
    /// The entry before the first that is held.
    private var base = EntryID.zero
    private var entries: [Entry] = []
    fileprivate private(set) var hardState = HardState.initial
    fileprivate private(set) var checkpoint: Snapshot?

    fileprivate init() {}

    public var firstIndex: EntryIndex { base.index.next }
    public var lastIndex: EntryIndex { base.index.advanced(by: entries.count) }
    public var snapshot: Snapshot? { checkpoint }

    public func term(at index: EntryIndex) -> Term? {
        if index == base.index { return base.term }
        guard index > base.index, index <= lastIndex else { return nil }
        return entries[position(of: index)].term
    }

    public func entries(in range: Range<EntryIndex>, bytesMax: Int) -> [Entry]? {
        guard range.lowerBound > base.index, range.upperBound <= lastIndex.next else { return nil }
        return Array(
            entries[position(of: range.lowerBound)..<position(of: range.upperBound)].prefix(bytesMax: bytesMax))
    }

    private func position(of index: EntryIndex) -> Int { firstIndex.distance(to: index) }

    fileprivate func perform(_ write: GroupWrite) {
        if let hardState = write.log?.hardState { self.hardState = hardState }
        if let snapshot = write.log?.snapshot {
            base = snapshot.last
            entries = []
            checkpoint = snapshot
        }
        if let added = write.log?.entries, let first = added.first?.index {
            precondition(first >= firstIndex && first <= lastIndex.next, "a write left a gap in the log")
            entries.removeSubrange(position(of: first)...)
            entries.append(contentsOf: added)
        }
        if let checkpoint = write.checkpoint { self.checkpoint = checkpoint }
        if let compaction = write.compaction { compact(through: compaction) }
    }

    private func compact(through index: EntryIndex) {
        guard index > base.index, let term = term(at: index) else { return }
        entries.removeFirst(base.index.distance(to: index))
        base = EntryID(term: term, index: index)
    }
}
