import Consensus
import EventSourcing
import Wire

/// What the `hard` database says of one shard. Written in the transaction of the entries that it counts.
///
///     key:    shard (2 bytes)
///     value:  CRC32C (4), layout (1), base index (8), base term (8), last (8), term (8), vote (8, 0 is none),
///             commit (8), log bytes (8), incarnation (1),
///             checkpoint: optional { index (8), term (8), membership }
public struct ReplicaHeader: Equatable, Sendable {
    /// `LoneShardHeader` has layout 1.
    static let layout: UInt8 = 2

    /// The entry before the first that the log still holds.
    public var base = EntryID.zero
    /// The last entry.
    public var last = EntryIndex.zero
    public var hardState = HardState.initial
    /// Bytes of the entries that the log holds, as they are stored.
    public var logBytes: UInt64 = 0
    /// Where the shard's rows are.
    public var incarnation = Incarnation.first
    /// At and below it the `state` database has everything.
    public var checkpoint: Snapshot?

    public init() {}

    public static func key(_ shard: ShardID) -> [UInt8] {
        [UInt8(shard.rawValue >> 8), UInt8(truncatingIfNeeded: shard.rawValue)]
    }

    public func encoded(seed: UInt32) -> [UInt8] {
        var writer = RecordWriter()
        writer.write(UInt32(0))
        writer.write(Self.layout)
        for number in [
            base.index.rawValue, base.term.rawValue, last.rawValue, hardState.term.rawValue,
            hardState.vote?.rawValue ?? 0, hardState.commit.rawValue, logBytes,
        ] { writer.write(number) }
        writer.write(incarnation.rawValue)
        writer.writeOptional(checkpoint) { writer, checkpoint in
            writer.write(checkpoint.last.index.rawValue)
            writer.write(checkpoint.last.term.rawValue)
            MembershipForm.write(checkpoint.membership, into: &writer)
        }
        return Sealed.sealing(writer.bytes, seed: seed)
    }

    public init(_ bytes: [UInt8], seed: UInt32) throws(FormatDamage) {
        let damaged = FormatDamage("not a replica's header")
        guard bytes.withUnsafeBytes({ Sealed.isIntact($0, seed: seed) }) else { throw damaged }
        var reader = RecordReader(bytes[4...])
        do {
            guard try reader.readByte() == Self.layout else { throw damaged }
            let (index, term) = (EntryIndex(try reader.readUInt64()), Term(try reader.readUInt64()))
            base = EntryID(term: term, index: index)
            last = EntryIndex(try reader.readUInt64())
            let (current, vote) = (Term(try reader.readUInt64()), NodeID(try reader.readUInt64()))
            hardState = HardState(
                term: current, vote: vote == .none ? nil : vote, commit: EntryIndex(try reader.readUInt64()))
            logBytes = try reader.readUInt64()
            guard let incarnation = Incarnation(rawValue: try reader.readByte()) else { throw damaged }
            self.incarnation = incarnation
            checkpoint = try reader.readOptional { reader in
                let (index, term) = (EntryIndex(try reader.readUInt64()), Term(try reader.readUInt64()))
                return Snapshot(
                    last: EntryID(term: term, index: index), membership: try MembershipForm.readMembership(&reader))
            }
            try reader.finish()
        } catch {
            throw damaged
        }
        guard base.index <= last, checkpoint.map({ $0.last.index <= last }) ?? true else { throw damaged }
    }
}
