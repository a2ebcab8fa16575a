import HeapModule

/// What will happen, soonest first; what happens at the same moment, in the order in which it was planned.
struct EventQueue {
    struct Event: Comparable {
        /// Microseconds of virtual time.
        let moment: Int64
        let number: UInt64
        let label: StaticString
        let detail: UInt64
        let body: () -> Void

        static func < (left: Self, right: Self) -> Bool {
            left.moment != right.moment ? left.moment < right.moment : left.number < right.number
        }
        static func == (left: Self, right: Self) -> Bool { left.number == right.number }
    }

    private var events = Heap<Event>()
    private var planned: UInt64 = 0

    mutating func plan(at moment: Int64, _ label: StaticString, _ detail: UInt64, _ body: @escaping () -> Void) {
        planned += 1
        events.insert(Event(moment: moment, number: planned, label: label, detail: detail, body: body))
    }

    mutating func next() -> Event? { events.popMin() }
    var isEmpty: Bool { events.isEmpty }
    mutating func removeAll() { events = Heap() }
}
