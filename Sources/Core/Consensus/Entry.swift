/// One entry of a group's log.
public struct Entry: Hashable, Sendable {
    /// What an entry holds.
    public enum Payload: Hashable, Sendable {
        /// Bytes that mean something to the state machine. Empty for the entry that starts a leader's term.
        case record([UInt8])
        indirect case membershipChange(MembershipChange)

        /// The entry that a new leader appends to commit what earlier terms left (Raft, section 8).
        public static let empty = Payload.record([])

        /// Bytes that count against the limit of uncommitted bytes. An empty payload counts nothing and so is never
        /// refused.
        public var byteCount: Int {
            switch self {
            case .record(let bytes): bytes.count
            case .membershipChange(let change): change.byteCount
            }
        }
    }

    /// Names the entry in every log.
    public var id: EntryID
    /// What the entry holds.
    public var payload: Payload

    public init(id: EntryID, payload: Payload) {
        self.id = id
        self.payload = payload
    }

    /// The term of the leader that appended it.
    public var term: Term { id.term }
    /// Its place in the log.
    public var index: EntryIndex { id.index }

    /// What an entry costs in a message or a batch: its payload and a fixed share for term, index and framing.
    public var byteCount: Int { payload.byteCount + Self.overheadBytes }

    /// Term, index, length and checksum, as a frame or a record holds them.
    static let overheadBytes = 32
}

extension Collection<Entry> {
    var byteCount: Int { reduce(0) { $0 + $1.byteCount } }
    var payloadByteCount: Int { reduce(0) { $0 + $1.payload.byteCount } }

    /// The longest prefix of at most `bytesMax` bytes, but never fewer than one entry, so that one large entry passes
    /// too.
    func prefix(bytesMax: Int) -> SubSequence {
        var bytes = 0
        var end = startIndex
        while end != endIndex {
            bytes += self[end].byteCount
            if bytes > bytesMax && end != startIndex { break }
            formIndex(after: &end)
        }
        return self[..<end]
    }
}
