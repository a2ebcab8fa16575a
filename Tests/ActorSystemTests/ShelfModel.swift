import EventSourcing

@testable import ActorSystem

/// What the shelves of one shard should be, kept the naive way: the whole history, folded on demand.
struct ShelfModel {
    struct Change { let index: LogIndex, number: UInt32, event: Shelf.Event }
    var changes: [Change] = []

    /// Loses whatever was not committed.
    mutating func crash(at committed: LogIndex) { changes.removeAll { $0.index > committed } }

    func shelf(_ number: UInt32, through index: LogIndex? = nil) -> (state: Shelf, version: UInt64) {
        var shelf = Shelf(id: Shelf.ID(number))
        var version: UInt64 = 0
        for change in changes where change.number == number && change.index <= index ?? change.index {
            shelf.apply(change.event)
            version += 1
        }
        return (shelf, version)
    }

    func members(through index: LogIndex, group: [UInt8]) -> [UInt32] {
        Set(changes.lazy.filter { $0.index <= index }.map(\.number))
            .filter { group.isEmpty || Shelf.group(Shelf.ID($0)) == group }.sorted()
    }

    /// Versions and events that are history, newest first.
    func history(of number: UInt32, through index: LogIndex) -> [(version: UInt64, event: Shelf.Event, index: LogIndex)]
    {
        let own = changes.filter { $0.number == number && $0.index <= index }
        return own.enumerated().filter { Shelf.isHistory($1.event) }
            .map { (UInt64($0) + 1, $1.event, $1.index) }.reversed()
    }
}

/// SplitMix64: the same seed, the same run.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }

    mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &self) }
}
