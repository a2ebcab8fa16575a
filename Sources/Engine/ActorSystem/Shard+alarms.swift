import EventSourcing

/// Alarms wake aggregates that no request calls. They say when to look, never what is true: the aggregate decides by
/// the time of the record.
extension Shard {
    func arm(_ moment: Timestamp, _ owner: AnyOwner) {
        alarms[owner.kind, default: AlarmClock()].arm(owner.idBytes, at: moment)
    }

    /// Ids of kind `A` that want attention at `now`, soonest first, at most `limit`. What is handed out and still
    /// wants attention later is handed out again after `ShardLimits.alarmRetry`.
    public func due<A: Recorded>(_: A.Type, at now: Timestamp, limit: Int) -> [A.ID] {
        settle()
        let now = logTime(now)
        var due: [A.ID] = []
        // Some alarms turn out to be out of date; looking at each costs about as much as handing it out.
        for _ in 0..<max(limit, 0) * 4 where due.count < limit {
            guard let bytes = alarms[A.kind]?.popDue(at: now) else { break }
            let id = id(A.self, bytes[...])
            guard let wanted = owner(A.self, id).state.wakeAt else { continue }
            if wanted <= now { due.append(id) }
            alarms[A.kind]?.arm(bytes, at: wanted <= now ? now + limits.alarmRetry : wanted)
        }
        return due
    }

    /// All ids of kind `A` with an alarm set, whenever it is: the unfinished work after a restart.
    public func awaiting<A: Recorded>(_: A.Type) -> [A.ID] {
        settle()
        return (alarms[A.kind]?.ids ?? []).map { id(A.self, $0[...]) }
            .filter { owner(A.self, $0).state.wakeAt != nil }
    }

    /// Those of them that have not changed since this leadership began: their driver is gone with the node, or the
    /// leadership, that it ran on. The others have a driver here, or have been left to their alarm by one.
    public func inherited<A: Recorded>(_: A.Type) -> [A.ID] {
        awaiting(A.self).filter { owner(A.self, $0).state.lastProposed <= ledSince }
    }

    /// Reads the alarms that were saved; those of the replayed tail are set already, and a stale one is harmless.
    func loadAlarms() throws {
        var from = [StateKeys.alarms]
        let end = StateKeys.end(of: from)
        while true {
            let rows = try states.rows(from: from, upTo: end, reversed: false, limit: 4_096)
            for row in rows {
                let alarm = try StateKeys.readAlarm(row.key)
                alarms[alarm.kind, default: AlarmClock()].arm(alarm.id, at: alarm.moment)
            }
            guard let last = rows.last else { return }
            from = last.key + [0]
        }
    }
}
