import EventSourcing
import HeapModule

/// Owners on their way to the `state` database together, in the order of their rows: neighbours there share the pages
/// that have to be written, and so the larger a round, the fewer pages it writes.
struct SavingRound: Sendable {
    /// A heap, because sorting some ten thousand would take the shard's time in one piece.
    private var owners: Heap<UnsavedOwner>
    /// No change of theirs that waits to be saved is older.
    let since: LogIndex
    /// Owners saved for each record that settles meanwhile: as long as records come as they came before, each commit
    /// carries its share, and the round ends in half of the time until the next.
    private let pace: UInt64
    /// The last record for which owners were saved.
    private var reached: LogIndex
    private let countBegun: Int
    private let tickBegun: UInt64
    /// Ticks after which the round is over, though fewer records settle, or none.
    private let ticks: UInt64

    /// - Parameters:
    ///   - unsaved: at least one, the longest unsaved first.
    ///   - settled: the last record that is settled.
    ///   - lag, lagTicks: the records and the ticks after which the next round is due. This one takes half as many at
    ///     most.
    init(_ unsaved: some Collection<UnsavedOwner>, at settled: LogIndex, _ tick: UInt64, lag: UInt64, lagTicks: UInt64)
    {
        guard let first = unsaved.first else { preconditionFailure("a round saves at least one owner") }
        since = first.since
        owners = Heap(unsaved)
        let records = settled.rawValue - min(since.rawValue, settled.rawValue)
        pace = UInt64(unsaved.count) / max(min(lag, records) / 2, 1) + 1
        reached = settled
        countBegun = unsaved.count
        tickBegun = tick
        ticks = max(lagTicks / 2, 1)
    }

    var isEmpty: Bool { owners.isEmpty }

    /// The owners whose turn has come now that `settled` is the last settled record.
    mutating func take(at settled: LogIndex, limit: Int) -> [AnyOwner] {
        let records = min(settled.rawValue - reached.rawValue, (UInt64(limit) + pace - 1) / pace)
        reached = LogIndex(reached.rawValue + records)
        return take(Int(min(records * pace, UInt64(limit))))
    }

    /// How many more should have been saved by `tick`: one record may have changed hundreds of owners, and then few
    /// records settle.
    func owed(at tick: UInt64) -> Int {
        let elapsed = min(tick - tickBegun, ticks)
        return max(0, owners.count - countBegun * Int(ticks - elapsed) / Int(ticks))
    }

    /// The next owners, at most `count`, that still have something to save.
    mutating func take(_ count: Int) -> [AnyOwner] {
        var taken: [AnyOwner] = []
        for _ in 0..<min(count, owners.count) {
            guard let owner = owners.popMin()?.owner else { break }
            if owner.isUnsaved { taken.append(owner) }
        }
        return taken
    }
}

/// In the order of their rows.
extension UnsavedOwner: Comparable {
    static func < (one: UnsavedOwner, other: UnsavedOwner) -> Bool { one.place < other.place }
    static func == (one: UnsavedOwner, other: UnsavedOwner) -> Bool { one.place == other.place }
}

/// About where an aggregate's row stands among the others: the ids of a kind mostly differ within so many bytes.
struct RowPlace: Comparable {
    private let kind: AggregateKind
    private let id: UInt128

    init(_ owner: AnyOwner) {
        kind = owner.kind
        let bytes = owner.idBytes
        var id: UInt128 = 0
        for position in 0..<16 { id = id << 8 | UInt128(position < bytes.count ? bytes[position] : 0) }
        self.id = id
    }

    static func < (one: RowPlace, other: RowPlace) -> Bool {
        one.kind == other.kind ? one.id < other.id : one.kind < other.kind
    }
}
