import EventSourcing
import LogFormat

/// What waits for the next flush, of all shards together.
struct LogQueue {
    enum Phase { case open, closing, ended }

    /// States of one shard that change together, and how far they bring its checkpoint.
    struct ChangeGroup {
        let shard: ShardID
        let changes: [StateChange]
        let checkpoint: LogIndex
    }

    /// What one transaction writes.
    struct Batch {
        var records: [LogRecord]
        var groups: ArraySlice<ChangeGroup>
        /// Records at and below it may be deleted, by shard.
        var released: [LogIndex]
        /// The generation of the last group.
        var generation: UInt64
    }

    private(set) var phase = Phase.open
    /// The last index given out, by shard.
    private var last: [LogIndex]
    private var records: [LogRecord] = []
    private var recordBytes = 0
    private var groups: [ChangeGroup] = []
    private var groupsTaken: UInt64 = 0
    private var released: [LogIndex]
    private var writerIsIdle = true

    init(last: [LogIndex]) {
        self.last = last
        released = last.map { _ in .zero }
    }

    // MARK: - Adding

    mutating func append(
        _ payload: [UInt8], at time: Timestamp, on shard: ShardID
    ) -> Result<LogIndex, JournalRefusal> {
        guard phase == .open else { return .failure(.closed) }
        guard records.count < LogWriter.recordsQueuedMax, recordBytes < LogWriter.bytesQueuedMax else {
            return .failure(.full)
        }
        let position = Int(shard.rawValue)
        let index = last[position].next
        last[position] = index
        records.append(LogRecord(shard: shard, index: index, term: 1, time: time, payload: payload))
        recordBytes += payload.count
        return .success(index)
    }

    /// - Returns: the generation of the group; generations are committed in order. One that comes too late never is.
    mutating func append(_ group: ChangeGroup) -> UInt64 {
        guard phase != .ended else { return .max }
        groups.append(group)
        return groupsTaken + UInt64(groups.count)
    }

    mutating func release(_ shard: ShardID, through index: LogIndex) {
        released[Int(shard.rawValue)] = max(released[Int(shard.rawValue)], index)
    }

    /// Whether the writer must be woken; it then counts as busy.
    mutating func takeIdle() -> Bool {
        defer { writerIsIdle = false }
        return writerIsIdle
    }

    mutating func close() {
        if phase == .open { phase = .closing }
    }

    // MARK: - Taking

    enum Next {
        case write(Batch)
        case sleep
        case end
    }

    /// The next batch: all records, and as many groups as one commit should carry.
    ///
    /// - Parameter sparing: leave the states where they are, because the disk is nearly full. They are in the log.
    mutating func next(sparing: Bool) -> Next {
        let taken = sparing ? 0 : groupsOfOneCommit()
        guard !records.isEmpty || taken > 0 else {
            if phase != .open { return .end }
            writerIsIdle = true
            return .sleep
        }
        groupsTaken += UInt64(taken)
        defer {
            records = []
            recordBytes = 0
            groups.removeFirst(taken)
        }
        return .write(Batch(records: records, groups: groups[..<taken], released: released, generation: groupsTaken))
    }

    private func groupsOfOneCommit() -> Int {
        var rows = 0
        for (position, group) in groups.enumerated() {
            rows += group.changes.count
            if rows > LogWriter.changesPerCommitMax { return max(position, 1) }
        }
        return groups.count
    }

    mutating func end() {
        phase = .ended
        records = []
        groups = []
    }
}
