import DequeModule
import EventSourcing

/// Members of lists that the `state` database may not have yet.
struct ListingOverlay {
    private struct Group: Hashable {
        let kind: AggregateKind
        let bytes: RowBytes
    }

    /// Ascending keys by group.
    private var keys: [Group: Deque<[UInt8]>] = [:]
    /// Saved members and the generation after which the `state` database has them.
    private var saved = Deque<(generation: UInt64, kind: AggregateKind, listing: Listing)>()

    /// Adds a member to its group, and to the list of all aggregates of its kind.
    mutating func insert(_ listing: Listing, of kind: AggregateKind) {
        for bytes in Self.groups(of: listing) {
            let group = Group(kind: kind, bytes: RowBytes(bytes))
            // Ids sort by time, so the place of a new one is near the end, where inserting is cheap.
            keys[group, default: []].insertSorted(listing.key)
        }
    }

    private static func groups(of listing: Listing) -> [[UInt8]] {
        listing.group.isEmpty ? [[]] : [listing.group, []]
    }

    /// The first `limit` members behind `bound`, in the direction asked for.
    func members(
        _ kind: AggregateKind, group: [UInt8], beyond bound: [UInt8]?, descending: Bool, limit: Int
    ) -> [[UInt8]] {
        guard let keys = keys[Group(kind: kind, bytes: RowBytes(group))] else { return [] }
        guard let bound else { return descending ? keys.suffix(limit).reversed() : Array(keys.prefix(limit)) }
        let place = keys.place(of: bound)
        if descending { return keys[..<place].suffix(limit).reversed() }
        let isMember = place < keys.endIndex && keys[place] == bound
        return Array(keys[(isMember ? place + 1 : place)...].prefix(limit))
    }

    mutating func didSave(_ listing: Listing, of kind: AggregateKind, in generation: UInt64) {
        saved.append((generation, kind, listing))
    }

    /// Drops the members that the `state` database has.
    mutating func forget(flushed: UInt64) {
        while let first = saved.first, first.generation <= flushed {
            saved.removeFirst()
            for bytes in Self.groups(of: first.listing) {
                remove(first.listing.key, from: Group(kind: first.kind, bytes: RowBytes(bytes)))
            }
        }
    }

    private mutating func remove(_ key: [UInt8], from group: Group) {
        guard let position = keys.index(forKey: group) else { return }
        let place = keys.values[position].place(of: key)
        guard place < keys.values[position].count, keys.values[position][place] == key else { return }
        keys.values[position].remove(at: place)
        if keys.values[position].isEmpty { keys.remove(at: position) }
    }
}

extension Deque<[UInt8]> {
    /// The position of the first key that is not below `key`, by binary search. Keys come at the end and go at the
    /// beginning.
    fileprivate func place(of key: [UInt8]) -> Int {
        if let last, last.lexicographicallyPrecedes(key) { return endIndex }
        if first == key { return startIndex }
        var lower = startIndex
        var upper = endIndex
        while lower < upper {
            let middle = (lower + upper) / 2
            if self[middle].lexicographicallyPrecedes(key) { lower = middle + 1 } else { upper = middle }
        }
        return lower
    }

    fileprivate mutating func insertSorted(_ key: [UInt8]) {
        let place = place(of: key)
        guard place == endIndex || self[place] != key else { return }
        insert(key, at: place)
    }
}
