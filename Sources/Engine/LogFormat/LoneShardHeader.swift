import Consensus
import EventSourcing
import Wire

/// What the `hard` database said of a shard while its log was not replicated: layout 1, read for ever and written no
/// more.
///
///     value:  CRC32C (4), layout (1), first (8), last (8), checkpoint (8), term (8), log bytes (8)
///
/// Every record up to the last was committed, and all were of one term.
struct LoneShardHeader: Equatable, Sendable {
    static let layout: UInt8 = 1

    let first: EntryIndex
    let last: EntryIndex
    let checkpoint: EntryIndex
    let term: Term
    let logBytes: UInt64

    init(_ bytes: [UInt8], seed: UInt32) throws(FormatDamage) {
        let damaged = FormatDamage("not a shard's header")
        guard bytes.withUnsafeBytes({ Sealed.isIntact($0, seed: seed) }) else { throw damaged }
        var reader = RecordReader(bytes[4...])
        do {
            guard try reader.readByte() == Self.layout else { throw damaged }
            first = EntryIndex(try reader.readUInt64())
            last = EntryIndex(try reader.readUInt64())
            checkpoint = EntryIndex(try reader.readUInt64())
            term = Term(try reader.readUInt64())
            logBytes = try reader.readUInt64()
        } catch {
            throw damaged
        }
        guard first > .zero, first <= last.next, checkpoint <= last, first <= checkpoint.next else { throw damaged }
    }
}

extension ReplicaHeader {
    /// What the `hard` database says of a shard, in whichever layout it was written.
    ///
    /// - Parameter node: the node of the directory: the one voter of a log that was not replicated.
    public static func stored(_ bytes: [UInt8], node: NodeID, seed: UInt32) throws(FormatDamage) -> ReplicaHeader {
        guard bytes.count > 4, bytes[4] == LoneShardHeader.layout else { return try ReplicaHeader(bytes, seed: seed) }
        return ReplicaHeader(try LoneShardHeader(bytes, seed: seed), node: node)
    }

    /// A log that was not replicated is that of a group of one: `node` has voted for itself and committed all of it.
    init(_ lone: LoneShardHeader, node: NodeID) {
        func id(_ index: EntryIndex) -> EntryID { index == .zero ? .zero : EntryID(term: lone.term, index: index) }
        base = id(lone.first.previous)
        last = lone.last
        hardState = HardState(term: lone.term, vote: node, commit: lone.last)
        logBytes = lone.logBytes
        guard let membership = Membership(voters: [node]) else { preconditionFailure("one voter is a membership") }
        checkpoint = Snapshot(last: id(lone.checkpoint), membership: membership)
    }
}
