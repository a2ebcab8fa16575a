/// The place of a record in its shard's log. The first record has index 1.
public struct LogIndex: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let rawValue: UInt64
    public init(_ rawValue: UInt64) { self.rawValue = rawValue }
    public static let zero = LogIndex(0)
    public var next: LogIndex { LogIndex(rawValue + 1) }
    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    public var description: String { String(rawValue) }

    /// Reads up to 19 digits; nil when it is anything else, or past where any log ends.
    public init?(_ digits: Substring) {
        guard let number = UInt64(digits: digits, max: 19), number <= Self.last else { return nil }
        rawValue = number
    }

    /// No log grows past this.
    private static let last: UInt64 = 1 << 62
}

extension UInt64 {
    /// Reads digits and nothing else, of which there may be `max`.
    public init?(digits: Substring, max: Int) {
        guard (1...max).contains(digits.utf8.count), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        self.init(digits)
    }
}

/// Why nothing was appended. The caller may try again later.
public enum JournalRefusal: Error, Hashable, Sendable {
    /// The queue of records that wait for the flush is at its limit.
    case full
    /// One record may not be larger than this many bytes.
    case recordTooLarge(bytesMax: Int)
    /// The disk is nearly full. Reading goes on; nothing new is accepted until there is room.
    case storageFull
    /// Other members of the cluster still run a program that could not read it.
    case newerThanCluster
    /// The journal has stopped, or this node no longer leads the shard.
    case closed
}

/// The record may or may not be in the log: the journal ended before it could tell.
public struct CommitmentUnknown: Error, Hashable, Sendable {
    public init() {}
}

/// A node's right to decide for a shard.
public struct Leadership: Hashable, Sendable {
    /// No two nodes lead a shard in one term.
    public let term: UInt64
    /// The node that decides knows everything up to here: what earlier leaders have left.
    public let first: LogIndex

    public init(term: UInt64, first: LogIndex) {
        self.term = term
        self.first = first
    }
}

/// Where a node stands with a shard's log, all at one moment.
public struct Standing: Hashable, Sendable {
    /// The last committed index.
    public let committed: LogIndex
    /// Nil while this node does not decide for the shard.
    public let leadership: Leadership?
    /// Rises when states and log are replaced by another node's: whatever was read before means nothing any more.
    public let replacements: UInt64
    /// Whether another node's states are on their way to the disk, and may be there already: `replacements` rises soon.
    public let isBeingReplaced: Bool

    public init(
        committed: LogIndex, leadership: Leadership?, replacements: UInt64 = 0, isBeingReplaced: Bool = false
    ) {
        self.committed = committed
        self.leadership = leadership
        self.replacements = replacements
        self.isBeingReplaced = isBeingReplaced
    }
}

/// What an answer rests on.
public struct Decision: Hashable, Sendable {
    /// The leadership under which it was taken.
    public let term: UInt64
    /// The newest record that it has seen, or its own.
    public let restsOn: LogIndex
    /// Whether `restsOn` is its own record. Otherwise nothing in the log will say when it was taken.
    public let isRecorded: Bool

    public init(term: UInt64, restsOn: LogIndex, isRecorded: Bool) {
        self.term = term
        self.restsOn = restsOn
        self.isRecorded = isRecorded
    }
}

/// The ordered log of one shard, as the shard's owners see it.
///
/// One writer proposes, on its own executor and in order; what was proposed becomes committed in that order.
public protocol Journal: Sendable {
    /// Appends a record behind everything proposed before. Synchronous: nothing can happen between a decision and this.
    ///
    /// - Parameters:
    ///   - time: the record's time, which never runs backwards within a shard.
    ///   - term: the leadership under which it was decided. Another one, though it is this node's too, may have missed
    ///     what a leader in between has written: then nothing is appended.
    /// - Returns: the record's index. It is not committed yet.
    /// - Throws: `.closed` when this node does not lead in `term`.
    func propose(_ record: [UInt8], at time: Timestamp, in term: UInt64) throws(JournalRefusal) -> LogIndex

    /// Returns once the record at `index` is committed: it will be in the log whatever fails.
    func commitment(of index: LogIndex) async throws(CommitmentUnknown)

    /// Returns once the answer of `decision` may be told: what it rests on is committed, and no other node can have
    /// decided anything for the shard between its reading the state and now.
    func confirmation(of decision: Decision) async throws(CommitmentUnknown)

    /// A read barrier, on any node: leader or not.
    ///
    /// - Returns: an index that is committed here. A state with everything up to it shows whatever any node had
    ///   acknowledged before the call.
    /// - Throws: when no majority could be asked within the time of some elections.
    func readBarrier() async throws(CommitmentUnknown) -> LogIndex

    /// The last committed index.
    var committed: LogIndex { get }

    /// Read before each step: it says whether this node decides at all.
    var standing: Standing { get }

    /// The first index from which `records` can be read; 1 as long as nothing has gone. What comes before it is in the
    /// states as of the checkpoint, and what only tells of earlier records may go.
    var first: LogIndex { get }

    /// The index at and below which the `state` database holds everything; replay begins behind it.
    var checkpoint: LogIndex { get }

    /// The committed index, each time it has moved from now on, the newest only. Ends when the journal does.
    /// Each call subscribes anew.
    func commits() -> AsyncStream<LogIndex>

    /// Committed records from `first` on, in order, at most `countMax` and about `bytesMax`.
    ///
    /// - Throws: `LogTruncated` when `first` is behind what retention kept, `LogUnreadable` when one is damaged.
    func records(from first: LogIndex, countMax: Int, bytesMax: Int) throws -> [JournalRecord]

    /// Writes states with one of the next commits. `checkpoint` is the index at and below which replay needs nothing.
    ///
    /// - Returns: a generation; once `flushedGeneration` has reached it the changes are durable and can be read back.
    func checkpoint(_ changes: StateChanges, through checkpoint: LogIndex) -> UInt64

    /// The newest generation of state changes that is durable.
    var flushedGeneration: UInt64 { get }

    /// Lets retention delete records at and below `index`: followers in the shop's own interest have them.
    func release(through index: LogIndex)
}

public struct JournalRecord: Sendable {
    public let index: LogIndex
    public let time: Timestamp
    /// A part of what the journal holds in memory, if it does: each reader of a record shares them.
    public let bytes: ArraySlice<UInt8>
    public init(index: LogIndex, time: Timestamp, bytes: ArraySlice<UInt8>) {
        self.index = index
        self.time = time
        self.bytes = bytes
    }

    /// The largest record that any journal takes: four times the largest request body.
    public static let bytesMax = 4 << 20
}

/// The log no longer holds the records asked for.
public struct LogTruncated: Error, Hashable, Sendable {
    /// The first index that can still be read.
    public let first: LogIndex
    public init(first: LogIndex) { self.first = first }
}

/// A committed record cannot be read: it is damaged. The journal leads no more from then on, and its node stops.
public struct LogUnreadable: Error, Hashable, Sendable {
    public let index: LogIndex
    public init(index: LogIndex) { self.index = index }
}

/// The committed states of one shard, as far as they have been written. Keys are relative to the shard.
public protocol StateStore: Sendable {
    func value(forKey key: [UInt8]) throws -> [UInt8]?

    /// Rows with `lower <= key < upper`, ascending, or descending when `reversed`; at most `limit`.
    func rows(from lower: [UInt8], upTo upper: [UInt8], reversed: Bool, limit: Int) throws -> [StateRow]

    /// Hands all rows with `lower <= key < upper` to `body`, ascending.
    func forEachRow(
        from lower: [UInt8], upTo upper: [UInt8],
        _ body: (_ key: ArraySlice<UInt8>, _ value: ArraySlice<UInt8>) throws -> Void) throws
}

extension StateStore {
    /// Some rows at a time. A store that has them in memory may hand them out where they are.
    public func forEachRow(
        from lower: [UInt8], upTo upper: [UInt8],
        _ body: (_ key: ArraySlice<UInt8>, _ value: ArraySlice<UInt8>) throws -> Void
    ) throws {
        var next = lower
        while true {
            let rows = try rows(from: next, upTo: upper, reversed: false, limit: 1_024)
            for row in rows { try body(row.key[...], row.value[...]) }
            guard let last = rows.last else { return }
            next = last.key + [0]
        }
    }
}

public struct StateRow: Sendable {
    public let key: [UInt8]
    public let value: [UInt8]
    public init(key: [UInt8], value: [UInt8]) {
        self.key = key
        self.value = value
    }
}
