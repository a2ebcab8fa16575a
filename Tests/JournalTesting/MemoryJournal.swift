import EventSourcing
import Synchronization

/// A journal and its state database in memory, for tests: commits by itself, or when the test says so.
///
/// What survives a crash is what was committed: `reopened()` is the journal that a restarted process would find.
public final class MemoryJournal: Journal, StateStore {
    fileprivate struct Contents {
        var records: [JournalRecord] = []
        var first = LogIndex(1)
        var last = LogIndex.zero
        var committed = LogIndex.zero
        var checkpoint = LogIndex.zero
        var released = LogIndex.zero
        var rows: [[UInt8]: [UInt8]] = [:]
        var groups: [(changes: StateChanges, checkpoint: LogIndex)] = []
        var generation: UInt64 = 0
        var flushed: UInt64 = 0
        var replacements: UInt64 = 0
        var isBeingReplaced = false
        /// It leads from its first moment on, until a test says otherwise.
        var leadership: Leadership? = Leadership(term: 1, first: .zero)
        var commitsItself: Bool
        var refusal: JournalRefusal?
        var isEnded = false
        var isCutOff = false
        var waiting: [(index: LogIndex, continuation: CheckedContinuation<Bool, Never>)] = []
        var subscribers: [AsyncStream<LogIndex>.Continuation] = []
    }

    private let contents: Mutex<Contents>
    private let keepsEverything: Bool

    /// - Parameters:
    ///   - commitsItself: whether a record is committed, and a state durable, as soon as it is handed over.
    ///   - keepsEverything: whether released records behind the checkpoint stay.
    public init(commitsItself: Bool = true, keepsEverything: Bool = true) {
        contents = Mutex(Contents(commitsItself: commitsItself))
        self.keepsEverything = keepsEverything
    }

    private init(_ contents: consuming sending Contents, keepsEverything: Bool) {
        self.contents = Mutex(contents)
        self.keepsEverything = keepsEverything
    }

    // MARK: - For the test

    /// Commits what waits.
    public func commitAll() { update { $0.commit(through: $0.last, truncating: !keepsEverything) } }

    /// Commits records at and below `index`, and no states.
    public func commit(through index: LogIndex) {
        update { $0.commit(through: min(index, $0.last), states: false, truncating: !keepsEverything) }
    }

    /// From now on every proposal is refused, or none with nil.
    public func refuse(_ refusal: JournalRefusal?) { contents.withLock { $0.refusal = refusal } }

    /// From now on no majority can be asked, or one can again.
    public func setCutOff(_ isCutOff: Bool) { contents.withLock { $0.isCutOff = isCutOff } }

    /// Ends without committing what waits, as after a failed write.
    public func fail() {
        let (waiting, subscribers) = contents.withLock { contents in
            contents.isEnded = true
            defer { (contents.waiting, contents.subscribers) = ([], []) }
            return (contents.waiting, contents.subscribers)
        }
        for waiter in waiting { waiter.continuation.resume(returning: false) }
        for subscriber in subscribers { subscriber.finish() }
    }

    /// From now on this node leads the shard like this, or follows with nil.
    public func lead(_ leadership: Leadership?) {
        let (subscribers, committed) = contents.withLock { contents in
            contents.leadership = leadership
            return (contents.subscribers, contents.committed)
        }
        // As if a leader's first entry had been committed.
        for subscriber in subscribers where leadership != nil { subscriber.yield(committed) }
    }

    /// A snapshot brings the saved states of `other`, and a log that begins behind them.
    public func replace(with other: MemoryJournal) {
        beginReplacement(with: other)
        endReplacement()
    }

    /// The snapshot is on the disk, and not reported yet.
    public func beginReplacement(with other: MemoryJournal) {
        let (checkpoint, rows) = other.contents.withLock { ($0.checkpoint, $0.rows) }
        contents.withLock { contents in
            contents.records = []
            contents.first = checkpoint.next
            contents.rows = rows
            contents.groups = []
            contents.isBeingReplaced = true
        }
    }

    public func endReplacement() {
        update { contents in
            contents.last = LogIndex(contents.first.rawValue - 1)
            contents.committed = contents.last
            contents.checkpoint = contents.last
            contents.replacements += 1
            contents.isBeingReplaced = false
        }
    }

    /// What a process that starts after a crash of this one finds.
    public func reopened(commitsItself: Bool = true) -> MemoryJournal {
        let contents = contents.withLock { contents in
            var next = Contents(commitsItself: commitsItself)
            next.first = contents.first
            next.committed = contents.committed
            next.last = contents.committed
            next.records = contents.records.filter { $0.index <= contents.committed }
            next.checkpoint = contents.checkpoint
            next.rows = contents.rows
            return next
        }
        return MemoryJournal(contents, keepsEverything: keepsEverything)
    }

    /// Records that wait to be committed.
    public var pendingCount: Int { contents.withLock { Int($0.last.rawValue - $0.committed.rawValue) } }
    public var rowCount: Int { contents.withLock { $0.rows.count } }
    public var waiterCount: Int { contents.withLock { $0.waiting.count } }

    private func update(_ body: (inout Contents) -> Void) {
        let (ready, subscribers, committed) = contents.withLock { contents in
            let before = contents.committed
            body(&contents)
            let committed = contents.committed
            let ready = contents.waiting.filter { $0.index <= committed }
            contents.waiting.removeAll { $0.index <= committed }
            return (ready, committed > before ? contents.subscribers : [], committed)
        }
        for waiter in ready { waiter.continuation.resume(returning: true) }
        for subscriber in subscribers { subscriber.yield(committed) }
    }

    // MARK: - Journal

    public func propose(
        _ record: [UInt8], at time: Timestamp, in term: UInt64
    ) throws(JournalRefusal) -> LogIndex {
        var result: Result<LogIndex, JournalRefusal> = .failure(.closed)
        update { contents in
            if contents.isEnded || term != contents.leadership?.term { return }
            if record.count > JournalRecord.bytesMax {
                return result = .failure(.recordTooLarge(bytesMax: JournalRecord.bytesMax))
            }
            if let refusal = contents.refusal { return result = .failure(refusal) }
            contents.last = contents.last.next
            contents.records.append(JournalRecord(index: contents.last, time: time, bytes: record[...]))
            result = .success(contents.last)
            if contents.commitsItself { contents.commit(through: contents.last, truncating: !keepsEverything) }
        }
        return try result.get()
    }

    public func commitment(of index: LogIndex) async throws(CommitmentUnknown) {
        let isCommitted = await withCheckedContinuation { continuation in
            let known: Bool? = contents.withLock { contents in
                if index <= contents.committed { return true }
                if contents.isEnded { return false }
                contents.waiting.append((index, continuation))
                return nil
            }
            if let known { continuation.resume(returning: known) }
        }
        guard isCommitted else { throw CommitmentUnknown() }
    }

    /// No other node decides anything.
    public func confirmation(of decision: Decision) async throws(CommitmentUnknown) {
        try await commitment(of: decision.restsOn)
    }

    /// No other node acknowledges anything.
    public func readBarrier() async throws(CommitmentUnknown) -> LogIndex {
        let (index, isCutOff) = contents.withLock { ($0.committed, $0.isEnded || $0.isCutOff) }
        if isCutOff { throw CommitmentUnknown() }
        return index
    }

    public var committed: LogIndex { contents.withLock { $0.committed } }
    public var standing: Standing {
        contents.withLock { contents in
            Standing(
                committed: contents.committed, leadership: contents.leadership, replacements: contents.replacements,
                isBeingReplaced: contents.isBeingReplaced)
        }
    }
    public var first: LogIndex { contents.withLock { $0.first } }
    public var checkpoint: LogIndex { contents.withLock { $0.checkpoint } }
    public var flushedGeneration: UInt64 { contents.withLock { $0.flushed } }

    public func commits() -> AsyncStream<LogIndex> {
        let (stream, continuation) = AsyncStream<LogIndex>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let isEnded = contents.withLock { contents in
            contents.subscribers.append(continuation)
            return contents.isEnded
        }
        if isEnded { continuation.finish() }
        return stream
    }

    public func records(from first: LogIndex, countMax: Int, bytesMax: Int) throws -> [JournalRecord] {
        try contents.withLock { contents in
            let first = max(first, LogIndex(1))
            guard first >= contents.first else { throw LogTruncated(first: contents.first) }
            var bytes = 0
            var found: [JournalRecord] = []
            for record in contents.records.dropFirst(Int(first.rawValue - contents.first.rawValue))
            where record.index <= contents.committed && found.count < countMax && bytes < bytesMax {
                found.append(record)
                bytes += record.bytes.count
            }
            return found
        }
    }

    public func checkpoint(_ changes: StateChanges, through checkpoint: LogIndex) -> UInt64 {
        contents.withLock { contents in
            contents.groups.append((changes, checkpoint))
            contents.generation += 1
            if contents.commitsItself { contents.commit(through: contents.last, truncating: !keepsEverything) }
            return contents.generation
        }
    }

    public func release(through index: LogIndex) {
        contents.withLock { $0.released = max($0.released, index) }
    }

    // MARK: - StateStore

    public func value(forKey key: [UInt8]) throws -> [UInt8]? { contents.withLock { $0.rows[key] } }

    public func rows(from lower: [UInt8], upTo upper: [UInt8], reversed: Bool, limit: Int) throws -> [StateRow] {
        contents.withLock { contents in
            let keys = contents.rows.keys
                .filter { !$0.lexicographicallyPrecedes(lower) && $0.lexicographicallyPrecedes(upper) }
                .sorted { reversed ? $1.lexicographicallyPrecedes($0) : $0.lexicographicallyPrecedes($1) }
            return keys.prefix(max(limit, 0)).compactMap { key in
                contents.rows[key].map { StateRow(key: key, value: $0) }
            }
        }
    }
}

extension MemoryJournal.Contents {
    fileprivate mutating func commit(through index: LogIndex, states: Bool = true, truncating: Bool) {
        committed = max(committed, index)
        if states {
            for group in groups {
                group.changes.visit { rows[[UInt8]($0)] = $1.map { [UInt8]($0) } }
                checkpoint = max(checkpoint, group.checkpoint)
            }
            groups = []
            flushed = generation
        }
        while truncating, first < committed, first <= min(checkpoint, released) {
            records.removeFirst()
            first = first.next
        }
    }
}
