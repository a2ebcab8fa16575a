import EventSourcing
import Wire

/// The payload of one log record: what changed, aggregate by aggregate, as one atomic step.
///
///     layout (1), kinds (varint), actor (16),
///     entries: { kind (1), id (blob), version before (varint), events: { event (blob) } }
///
/// `kinds` tells a reader that is concerned by few records which to pass over. Layout 3 names the account that asked
/// for the change; layout 2 is that of what the shop does by itself; layout 1 had neither kinds nor actor.
public struct RecordBody: Sendable {
    static let layoutWithActor: UInt8 = 3
    static let layout: UInt8 = 2
    private static let layoutWithoutKinds: UInt8 = 1

    public struct Entry: Sendable {
        public let kind: AggregateKind
        public let id: ArraySlice<UInt8>
        /// The aggregate's version before the first of these events.
        public let versionBefore: UInt64
        public let events: Events
    }

    public let entries: [Entry]
    /// The account that asked for the change; nil for what the shop does by itself, and in records of older layouts.
    public let actor: ActorID?

    /// Reads a record's payload. Nothing in it is interpreted beyond its structure.
    public init(_ bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        try self.init(bytes, kinds: nil)
    }

    /// Reads the entries of those kinds only that are wanted: what is passed over costs next to nothing, and most
    /// readers of a log are concerned by few of its records.
    public init(_ bytes: ArraySlice<UInt8>, of kinds: KindSet) throws(MalformedBytes) {
        try self.init(bytes, kinds: kinds)
    }

    private init(_ bytes: ArraySlice<UInt8>, kinds wanted: KindSet?) throws(MalformedBytes) {
        var reader = RecordReader(bytes)
        do {
            var entries: [Entry] = []
            guard let (kinds, actor) = try Self.readHead(&reader) else {
                throw MalformedBytes("unknown record layout", at: 0)
            }
            self.actor = actor
            if let wanted, kinds.isDisjoint(with: wanted) {
                self.entries = []
                return
            }
            var found = KindSet()
            let count = try reader.readCount(bytesMin: 4)
            if wanted == nil { entries.reserveCapacity(count) }
            for _ in 0..<count {
                let kind = AggregateKind(rawValue: try reader.readByte())
                found.insert(kind)
                let id = try reader.readBlob()
                let versionBefore = try reader.readVarint()
                if wanted?.mayContain(kind) ?? true {
                    let events = try Events(&reader)
                    entries.append(Entry(kind: kind, id: id, versionBefore: versionBefore, events: events))
                } else {
                    _ = try Events(&reader)
                }
            }
            try reader.finish()
            guard found.isSubset(of: kinds) else { throw MalformedBytes("a record of other kinds than it says", at: 1) }
            self.entries = entries
        } catch let failure as MalformedBytes {
            throw failure
        } catch {
            throw MalformedBytes("a record ends early or runs over", at: reader.offset)
        }
    }

    /// - Returns: the kinds that the record may hold, and who asked for it; nil when its layout is unknown.
    private static func readHead(_ reader: inout RecordReader) throws(ReadFailure) -> (KindSet, ActorID?)? {
        switch try reader.readByte() {
        case layoutWithActor:
            let kinds = KindSet(bits: try reader.readVarint())
            return (kinds, ActorID(high: try reader.readUInt64(), low: try reader.readUInt64()))
        case layout: return (KindSet(bits: try reader.readVarint()), nil)
        case layoutWithoutKinds: return (.all, nil)
        default: return nil
        }
    }
}

extension RecordBody {
    /// The byte forms of an entry's events, each read out of the record when its turn comes.
    public struct Events: Sequence, Sendable {
        public let count: Int
        /// Whole blobs, as many as there are events.
        private let blobs: ArraySlice<UInt8>

        /// Passes over the events of an entry.
        init(_ reader: inout RecordReader) throws(ReadFailure) {
            count = try reader.readCount()
            var passed = reader
            for _ in 0..<count { try reader.skipBlob() }
            blobs = try passed.readRaw(reader.offset - passed.offset)
        }

        public var underestimatedCount: Int { count }

        public func makeIterator() -> Iterator { Iterator(reader: RecordReader(blobs)) }

        public struct Iterator: IteratorProtocol {
            fileprivate var reader: RecordReader

            public mutating func next() -> ArraySlice<UInt8>? {
                // They were passed over once, and are whole.
                reader.remaining == 0 ? nil : try? reader.readBlob()
            }
        }
    }
}

/// Kinds of aggregates, as far as 64 bits can tell them apart: kinds whose numbers differ by a multiple of 64 are one.
public struct KindSet: Sendable {
    fileprivate var bits: UInt64 = 0

    fileprivate init(bits: UInt64 = 0) { self.bits = bits }

    public init(_ kinds: AggregateKind...) {
        for kind in kinds { insert(kind) }
    }

    fileprivate static let all = KindSet(bits: .max)

    fileprivate mutating func insert(_ kind: AggregateKind) { bits |= Self.bit(kind) }
    fileprivate func mayContain(_ kind: AggregateKind) -> Bool { bits & Self.bit(kind) != 0 }
    fileprivate func isDisjoint(with other: KindSet) -> Bool { bits & other.bits == 0 }
    fileprivate func isSubset(of other: KindSet) -> Bool { bits & ~other.bits == 0 }

    private static func bit(_ kind: AggregateKind) -> UInt64 { 1 << UInt64(kind.rawValue % 64) }
}

/// Builds a record's payload from the changes of one batch.
struct RecordBodyWriter: Sendable {
    private static let bytesExpected = 512

    private var writer: RecordWriter

    /// - Parameters:
    ///   - kinds: that of each entry to come.
    ///   - actor: the account that asks for the change.
    init(kinds: some Collection<AggregateKind>, actor: ActorID? = nil) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.bytesExpected)
        var set = KindSet()
        for kind in kinds { set.insert(kind) }
        writer = RecordWriter(into: bytes)
        writer.write(actor == nil ? RecordBody.layout : RecordBody.layoutWithActor)
        writer.writeVarint(set.bits)
        if let actor {
            writer.write(actor.high)
            writer.write(actor.low)
        }
        writer.writeCount(kinds.count)
    }

    var bytes: [UInt8] { writer.bytes }

    /// Begins the entry of one aggregate: `events` calls of `writeEvent` follow.
    mutating func beginEntry(kind: AggregateKind, versionBefore: UInt64, events: Int, id: (inout [UInt8]) -> Void) {
        writer.write(kind.rawValue)
        writer.writeBlob(id)
        writer.writeVarint(versionBefore)
        writer.writeCount(events)
    }

    mutating func writeEvent(_ encode: (inout [UInt8]) -> Void) { writer.writeBlob(encode) }
}
