import DequeModule
import EventSourcing

/// Members of lists that the `state` database may not have yet.
struct ListingOverlay {
    private struct Group: Hashable {
        let kind: AggregateKind
        let bytes: [UInt8]
    }

    /// Ascending keys by group.
    private var keys: [Group: Deque<[UInt8]>] = [:]
    /// Saved members and the generation after which the `state` database has them.
    private var saved = Deque<(generation: UInt64, kind: AggregateKind, listing: Listing)>()

    /// Adds a member to its group, and to the list of all aggregates of its kind.
    mutating func insert(_ listing: Listing, of kind: AggregateKind) {
        for bytes in [listing.group, []] {
            let group = Group(kind: kind, bytes: bytes)
            // Ids sort by time, so the place of a new one is near the end.
            let position = keys[group]?.lastIndex { $0.lexicographicallyPrecedes(listing.key) }.map { $0 + 1 } ?? 0
            keys[group, default: []].insert(listing.key, at: position)
        }
    }

    func members(_ kind: AggregateKind, group: [UInt8]) -> Deque<[UInt8]> {
        keys[Group(kind: kind, bytes: group)] ?? []
    }

    mutating func didSave(_ listing: Listing, of kind: AggregateKind, in generation: UInt64) {
        saved.append((generation, kind, listing))
    }

    /// Drops the members that the `state` database has.
    mutating func forget(flushed: UInt64) {
        while let first = saved.first, first.generation <= flushed {
            saved.removeFirst()
            for bytes in [first.listing.group, []] {
                remove(first.listing.key, from: Group(kind: first.kind, bytes: bytes))
            }
        }
    }

    private mutating func remove(_ key: [UInt8], from group: Group) {
        // Saved oldest first, so the member is near the beginning.
        guard let position = keys[group]?.firstIndex(of: key) else { return }
        keys[group]?.remove(at: position)
        if keys[group]?.isEmpty == true { keys[group] = nil }
    }
}

extension Shard {
    /// Ids of kind `A` in a list, ascending or descending.
    ///
    /// - Parameters:
    ///   - group: the list's group; empty for all aggregates of the kind that are listed at all.
    ///   - bound: where the page before this one ended; its id is not repeated.
    ///   - limit: 1 to 1,000 ids.
    public func list<A: Recorded>(
        _: A.Type, group: [UInt8], beyond bound: A.ID? = nil, descending: Bool, limit: Int
    ) throws -> [A.ID] {
        let prefix = group.isEmpty ? [A.kind.rawValue] : StateKeys.listing(A.kind, group: group)
        let boundKey = bound.map { id -> [UInt8] in
            var bytes: [UInt8] = []
            id.encode(into: &bytes)
            return bytes
        }
        let lower = descending ? prefix : boundKey.map { prefix + $0 + [0] } ?? prefix
        let upper = descending ? boundKey.map { prefix + $0 } ?? StateKeys.end(of: prefix) : StateKeys.end(of: prefix)
        let rows = try states.rows(from: lower, upTo: upper, reversed: descending, limit: limit)
        var keys = rows.map { Array($0.key.dropFirst(prefix.count)) }
        let known = Set(keys)
        for key in listings.members(A.kind, group: group) where !known.contains(key) {
            if let boundKey {
                let isBeyond = descending ? key.lexicographicallyPrecedes(boundKey) : boundKey.lexicographicallyPrecedes(key)
                guard isBeyond else { continue }
            }
            keys.append(key)
        }
        keys.sort { descending ? $1.lexicographicallyPrecedes($0) : $0.lexicographicallyPrecedes($1) }
        return keys.prefix(limit).compactMap { A.ID(encoded: $0[...]) }
    }

    /// Committed events of an aggregate's history, newest first.
    ///
    /// - Parameter version: only events before this version; nil begins at the newest.
    public func history<A: Recorded>(_: A.Type, _ id: A.ID, before version: UInt64?, limit: Int) throws -> [HistoryRow] {
        let bound = version ?? .max
        var found = table(A.self).owner(id)?.assumeIsolated { $0.unsavedHistory }
            .filter { $0.version < bound }.suffix(limit).reversed() ?? []
        guard found.count < limit else { return Array(found) }
        var idBytes: [UInt8] = []
        id.encode(into: &idBytes)
        let prefix = StateKeys.history(A.kind, id: idBytes)
        var upper = StateKeys.history(A.kind, id: idBytes, version: min(bound, found.last?.version ?? bound))
        while found.count < limit {
            guard let chunk = try states.rows(from: prefix, upTo: upper, reversed: true, limit: 1).first else { break }
            let oldest = found.last?.version ?? bound
            found += try HistoryRow.decode(chunk.value).filter { $0.version < oldest }.reversed().prefix(limit - found.count)
            upper = chunk.key
        }
        return Array(found)
    }
}

extension Shard {
    /// The state of one aggregate as it was last saved, which may be behind; nil when it has never been saved.
    /// Needs no turn on the shard: for readers that follow the log and only want a place to begin.
    public nonisolated func storedState<A: Recorded>(_: A.Type, _ id: A.ID) -> A? {
        do {
            return try states.value(forKey: StateKeys.state(A.self, id)).map { try Versioned<A>(row: $0, id: id).state }
        } catch {
            failStop(error)
        }
    }
}
