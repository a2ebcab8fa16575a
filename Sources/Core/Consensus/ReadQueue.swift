/// A linearizable read, asked for by `node`.
public struct ReadRequest: Hashable, Sendable {
    /// Where the read is served.
    public var node: NodeID
    /// Chosen by `node`; comes back in the answer.
    public var id: UInt64

    public init(node: NodeID, id: UInt64) {
        self.node = node
        self.id = id
    }
}

/// A linearizable read may be served once `index` is applied: everything acknowledged before it was asked for is in it.
public struct ReadState: Hashable, Sendable {
    /// What has to be applied first.
    public var index: EntryIndex
    /// As given to `Replica.read`.
    public var id: UInt64

    public init(index: EntryIndex, id: UInt64) {
        self.index = index
        self.id = id
    }
}

/// The reads of a leader that wait until a quorum has confirmed, after they arrived, that it still leads
/// (thesis, section 6.4).
///
/// Reads are numbered; a heartbeat carries the highest number given out, so that one answer confirms all up to it.
struct ReadQueue: Hashable, Sendable {
    struct Read: Hashable {
        let request: ReadRequest
        /// The commit index when the read arrived.
        let index: EntryIndex
    }

    private struct Acknowledgement: Hashable {
        let node: NodeID
        var mark: UInt64
    }

    private var unconfirmed: [Read] = []
    private var confirmedCount: UInt64 = 0
    private var acknowledgements: [Acknowledgement] = []

    var count: Int { unconfirmed.count }

    /// What a heartbeat carries; 0 when no read waits.
    var mark: UInt64 { unconfirmed.isEmpty ? 0 : confirmedCount + UInt64(unconfirmed.count) }

    mutating func add(_ request: ReadRequest, at index: EntryIndex) {
        unconfirmed.append(Read(request: request, index: index))
    }

    mutating func acknowledge(_ mark: UInt64, from node: NodeID) {
        if let position = acknowledgements.firstIndex(where: { $0.node == node }) {
            acknowledgements[position].mark = max(acknowledgements[position].mark, mark)
        } else {
            acknowledgements.append(Acknowledgement(node: node, mark: mark))
        }
    }

    /// Takes out the reads that `quorum` has confirmed.
    mutating func confirmed(by quorum: JointQuorum) -> [Read] {
        let mark = quorum.mark { node in acknowledgements.first { $0.node == node }?.mark }
        let count = min(mark, self.mark) &- confirmedCount
        guard mark > confirmedCount, !unconfirmed.isEmpty else { return [] }
        defer {
            unconfirmed.removeFirst(Int(count))
            confirmedCount += count
        }
        return Array(unconfirmed.prefix(Int(count)))
    }
}
