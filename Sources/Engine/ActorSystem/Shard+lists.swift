import EventSourcing

extension Shard {
    /// Ids of kind `A` in a list, ascending or descending.
    ///
    /// - Parameters:
    ///   - group: the list's group; empty for all aggregates of the kind. Those that are not listed by their kind are
    ///     among them once they are saved.
    ///   - bound: where the page before this one ended; its id is not repeated.
    ///   - limit: 1 to 1,000 ids.
    public func list<A: Recorded>(
        _: A.Type, group: [UInt8], beyond bound: A.ID? = nil, descending: Bool, limit: Int
    ) -> [A.ID] {
        settle()
        let prefix = group.isEmpty ? [A.kind.rawValue] : StateKeys.listing(A.kind, group: group)
        let boundKey = bound.map { id -> [UInt8] in
            var bytes: [UInt8] = []
            id.encode(into: &bytes)
            return bytes
        }
        let lower = descending ? prefix : boundKey.map { prefix + $0 + [0] } ?? prefix
        let upper = descending ? boundKey.map { prefix + $0 } ?? StateKeys.end(of: prefix) : StateKeys.end(of: prefix)
        let rows = storedRows(from: lower, upTo: upper, reversed: descending, limit: limit)
        var keys = rows.map { Array($0.key.dropFirst(prefix.count)) }
        let known = Set(keys)
        let recent = listings.members(A.kind, group: group, beyond: boundKey, descending: descending, limit: limit)
        keys += recent.filter { !known.contains($0) }
        keys.sort { descending ? $1.lexicographicallyPrecedes($0) : $0.lexicographicallyPrecedes($1) }
        return keys.prefix(limit).map { id(A.self, $0[...]) }
    }

    /// Committed events of an aggregate's history, newest first. It reaches at least as far back as the log.
    ///
    /// - Parameter version: only events before this version; nil begins at the newest.
    public func history<A: Recorded>(_: A.Type, _ id: A.ID, before version: UInt64?, limit: Int) -> [HistoryRow] {
        settle()
        let bound = version ?? .max
        var found = table(A.self).owner(id)?.state.recentHistory
            .filter { $0.version < bound }.suffix(limit).reversed() ?? []
        guard found.count < limit else { return Array(found) }
        let prefix = StateKeys.key { StateKeys.history(A.kind, id, into: &$0) }
        let before = min(bound, found.last?.version ?? bound)
        var upper = StateKeys.key { StateKeys.history(A.kind, id, version: before, into: &$0) }
        while found.count < limit {
            guard let chunk = storedRows(from: prefix, upTo: upper, reversed: true, limit: 1).first else { break }
            let oldest = found.last?.version ?? bound
            found += historyRows(chunk).filter { $0.version < oldest }.reversed().prefix(limit - found.count)
            upper = chunk.key
        }
        return Array(found)
    }

    private func storedRows(from lower: [UInt8], upTo upper: [UInt8], reversed: Bool, limit: Int) -> [StateRow] {
        do { return try states.rows(from: lower, upTo: upper, reversed: reversed, limit: limit) } catch { stop(error) }
    }

    private func historyRows(_ chunk: StateRow) -> [HistoryRow] {
        do { return try HistoryRow.decode(chunk.value) } catch { stop(error) }
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
