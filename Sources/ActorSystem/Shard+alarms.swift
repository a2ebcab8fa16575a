import EventSourcing
import HeapModule

/// An aggregate that wanted attention at a moment when it was last looked at.
struct Alarm: Comparable, Sendable {
    let moment: Timestamp
    let kind: AggregateKind
    let id: [UInt8]

    static func < (left: Self, right: Self) -> Bool {
        if left.moment != right.moment { return left.moment < right.moment }
        if left.kind != right.kind { return left.kind < right.kind }
        return left.id.lexicographicallyPrecedes(right.id)
    }
}

/// Alarms wake aggregates that nobody calls. They say when to look, never what is true: the aggregate decides by the
/// time of the record.
extension Shard {
    func arm(_ moment: Timestamp, _ owner: any AnyOwner) {
        alarms.insert(Alarm(moment: moment, kind: owner.kind, id: owner.idBytes))
    }

    /// Ids of kind `A` that want attention at `now`, soonest first, at most `limit`. What is handed out and still
    /// wants attention later is handed out again after `ShardLimits.alarmRetry`.
    public func due<A: Recorded>(_: A.Type, at now: Timestamp, limit: Int) -> [A.ID] {
        var due: [A.ID] = []
        var later: [Alarm] = []
        var handled = 0
        while due.count < limit, handled < 4 * limit, let first = alarms.min, first.moment <= now {
            handled += 1
            alarms.removeMin()
            guard first.kind == A.kind else {
                later.append(first)
                continue
            }
            guard let id = A.ID(encoded: first.id[...]),
                let wanted = owner(A.self, id).assumeIsolated({ $0.wakeAt }), wanted <= now
            else { continue }
            let retry = Alarm(moment: now + limits.alarmRetry, kind: first.kind, id: first.id)
            if !later.contains(retry) {
                due.append(id)
                later.append(retry)
            }
        }
        for alarm in later { alarms.insert(alarm) }
        return due
    }

    /// All ids of kind `A` with an alarm set, whenever it is: the unfinished work after a restart.
    public func awaiting<A: Recorded>(_: A.Type) -> [A.ID] {
        let ids = Set(alarms.unordered.lazy.filter { $0.kind == A.kind }.map(\.id))
        return ids.sorted { $0.lexicographicallyPrecedes($1) }.compactMap { bytes in
            guard let id = A.ID(encoded: bytes[...]), owner(A.self, id).assumeIsolated({ $0.wakeAt }) != nil else {
                return nil
            }
            return id
        }
    }

    /// Reads the alarms that were saved; those of the replayed tail are set already, and a stale one is harmless.
    func loadAlarms() throws {
        var from = [StateKeys.alarms]
        let end = StateKeys.end(of: from)
        while true {
            let rows = try states.rows(from: from, upTo: end, reversed: false, limit: 4_096)
            for row in rows where row.key.count > 10 {
                let moment = row.key[1..<9].reduce(Int64(0)) { $0 << 8 | Int64($1) }
                alarms.insert(
                    Alarm(
                        moment: Timestamp(microseconds: moment), kind: AggregateKind(rawValue: row.key[9]),
                        id: Array(row.key[10...])))
            }
            guard let last = rows.last else { return }
            from = last.key + [0]
        }
    }
}
