/// The appends that a leader has sent to one follower and not heard back about, bounded in number and bytes.
///
/// The byte limit is soft: the message that crosses it still goes.
struct InFlightWindow: Hashable, Sendable {
    struct Limits: Hashable, Sendable {
        var messagesMax: Int
        var bytesMax: Int
    }

    private struct Flight: Hashable {
        /// The last index in the message.
        var last: EntryIndex
        var bytes: Int
    }

    let limits: Limits
    private var flights: [Flight] = []
    /// Flights before this position have been acknowledged; they are dropped together, so that freeing one costs no
    /// copy.
    private var start = 0
    private var bytes = 0

    init(limits: Limits) { self.limits = limits }

    var count: Int { flights.count - start }
    var isFull: Bool { count == limits.messagesMax || bytes >= limits.bytesMax }

    /// Indexes must ascend from one call to the next.
    mutating func add(last: EntryIndex, bytes: Int) {
        precondition(!isFull, "an append was sent past the window")
        flights.append(Flight(last: last, bytes: bytes))
        self.bytes += bytes
    }

    /// Frees every message that ends at or before `index`.
    mutating func free(through index: EntryIndex) {
        while start < flights.count, flights[start].last <= index {
            bytes -= flights[start].bytes
            start += 1
        }
        if start == flights.count {
            flights.removeAll(keepingCapacity: true)
            start = 0
        } else if start > flights.count / 2 {
            flights.removeFirst(start)
            start = 0
        }
    }

    mutating func reset() { self = InFlightWindow(limits: limits) }
}
