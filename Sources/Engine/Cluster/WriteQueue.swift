import EventSourcing

/// The writes of a node's shards: one transaction is under way, and what comes meanwhile is collected for the next,
/// which may be held back a moment (``WritePace``).
struct WriteQueue {
    /// Bytes that are collected while one flush runs: a slow disk's second. Past it entries of other nodes are dropped,
    /// as a network may drop them; their leader sends them again.
    static let bytesMax = 64 << 20

    private var collected: [ShardWrite] = []
    private var bytes = 0
    /// Entries in what is collected.
    private var records = 0
    private var pace = WritePace()
    /// Whether what is collected leaves as soon as no write is under way.
    private var isDue = false
    private var underWay: NodeWrite?
    private var numbers: UInt64 = 0
    /// So many of those collected have been reported as durable.
    private var reported = 0

    var isFull: Bool { bytes > Self.bytesMax }
    /// When the write that is held back leaves; nil when none is.
    var heldUntil: Duration? { pace.heldUntil }
    /// Records that may come before the write that is held back could leave for them.
    var recordsPassedOver: Int { pace.heldUntil == nil ? 0 : max(0, pace.missing - 1) }

    /// What needs no flush of its own waits for one that does, or for the next tick.
    mutating func add(_ write: ShardWrite) {
        collected.append(write)
        bytes += write.byteCount
        records += write.log?.entries.count ?? 0
        if write.needsFlush { isDue = true }
    }

    /// Nothing is held back longer than to the next tick.
    mutating func tick() {
        isDue = !collected.isEmpty
        pace.release()
    }

    /// So many callers have been told that their records are durable.
    mutating func didAnswer(_ callers: Int, at now: Duration) { pace.didAnswer(callers, queued: records, at: now) }

    /// The next transaction; nil while one is under way, when none is due, and while it is held back.
    mutating func next(at now: Duration) -> NodeWrite? {
        guard underWay == nil, isDue, !pace.holds(records, at: now) else { return nil }
        numbers += 1
        let write = NodeWrite(number: numbers, parts: collected)
        underWay = write
        pace.didBegin(with: records, at: now)
        (collected, bytes, records, isDue) = ([], 0, 0, false)
        return write
    }

    /// The write under way is durable.
    ///
    /// - Returns: its parts, to be reported.
    mutating func complete(_ number: UInt64, at now: Duration) -> [ShardWrite] {
        guard let write = underWay, write.number == number else {
            preconditionFailure("a write was reported twice or out of order")
        }
        underWay = nil
        pace.didEnd(at: now)
        let parts = Array(write.parts.dropFirst(reported))
        reported = Mistake.flushCoversCollected.isMade ? collected.count : 0
        return parts + collected.prefix(reported)
    }
}

extension ShardWrite {
    /// Bytes of entries and states, about.
    fileprivate var byteCount: Int {
        (log?.entries.reduce(0) { $0 + $1.byteCount } ?? 0) + changes.byteCount
    }
}
