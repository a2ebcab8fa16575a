import EventSourcing

/// The writes of a node's shards: one transaction is under way, and what comes meanwhile is collected for the next.
struct WriteQueue {
    /// Bytes that are collected while one flush runs: a slow disk's second. Past it entries of other nodes are dropped,
    /// as a network may drop them; their leader sends them again.
    static let bytesMax = 64 << 20

    private var collected: [ShardWrite] = []
    private var bytes = 0
    /// Whether what is collected leaves as soon as no write is under way.
    private var isDue = false
    private var underWay: NodeWrite?
    private var numbers: UInt64 = 0
    /// So many of those collected have been reported as durable.
    private var reported = 0

    var isFull: Bool { bytes > Self.bytesMax }

    /// What needs no flush of its own waits for one that does, or for the next tick.
    mutating func add(_ write: ShardWrite) {
        collected.append(write)
        bytes += write.byteCount
        if write.needsFlush { isDue = true }
    }

    mutating func tick() { isDue = !collected.isEmpty }

    /// The next transaction; nil while one is under way, and when none is due.
    mutating func next() -> NodeWrite? {
        guard underWay == nil, isDue else { return nil }
        numbers += 1
        let write = NodeWrite(number: numbers, parts: collected)
        underWay = write
        (collected, bytes, isDue) = ([], 0, false)
        return write
    }

    /// The write under way is durable.
    ///
    /// - Returns: its parts, to be reported.
    mutating func complete(_ number: UInt64) -> [ShardWrite] {
        guard let write = underWay, write.number == number else {
            preconditionFailure("a write was reported twice or out of order")
        }
        underWay = nil
        let parts = Array(write.parts.dropFirst(reported))
        reported = Mistake.flushCoversCollected.isMade ? collected.count : 0
        return parts + collected.prefix(reported)
    }
}

extension ShardWrite {
    /// Bytes of entries and states, about.
    fileprivate var byteCount: Int {
        let entries = log?.entries.reduce(0) { $0 + $1.byteCount } ?? 0
        return changes.reduce(entries) { $0 + $1.key.count + ($1.value?.count ?? 0) }
    }
}
