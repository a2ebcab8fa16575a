import EventSourcing
import HeapModule

/// When the aggregates of one kind next want attention: one standing alarm each, however often they change.
struct AlarmClock {
    private struct Alarm: Comparable {
        let moment: Timestamp
        let id: [UInt8]

        static func < (left: Self, right: Self) -> Bool {
            if left.moment != right.moment { return left.moment < right.moment }
            return left.id.lexicographicallyPrecedes(right.id)
        }
    }

    /// Alarms that stand, and some that were brought forward since and are passed over.
    private var alarms = Heap<Alarm>()
    private var standing: [RowBytes: Timestamp] = [:]

    /// Wakes the aggregate at `moment`, unless it will be woken before: the look then sets the next alarm.
    mutating func arm(_ id: [UInt8], at moment: Timestamp) {
        let key = RowBytes(id)
        if let earlier = standing[key], earlier <= moment { return }
        standing[key] = moment
        alarms.insert(Alarm(moment: moment, id: id))
        dropPassedOver()
    }

    /// Alarms passed over that are kept, beside as many as stand. A node that follows never takes one out.
    private static let passedOverMin = 1_024

    private mutating func dropPassedOver() {
        guard alarms.count > 2 * standing.count + Self.passedOverMin else { return }
        alarms = Heap(standing.map { Alarm(moment: $0.value, id: $0.key.bytes) })
    }

    /// The aggregate wants to be woken no more.
    mutating func disarm(_ id: [UInt8]) { standing[RowBytes(id)] = nil }

    /// Takes out the soonest alarm if its moment has come.
    mutating func popDue(at now: Timestamp) -> [UInt8]? {
        while let first = alarms.min, first.moment <= now {
            alarms.removeMin()
            let key = RowBytes(first.id)
            guard standing[key] == first.moment else { continue }
            standing[key] = nil
            return first.id
        }
        return nil
    }

    /// Alarms kept, those passed over included.
    var count: Int { alarms.count }

    /// Ids with an alarm, in the order of their bytes.
    var ids: [[UInt8]] { standing.keys.map(\.bytes).sorted { $0.lexicographicallyPrecedes($1) } }
}
