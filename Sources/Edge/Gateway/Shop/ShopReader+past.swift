import ActorSystem
import EventSourcing
import Hummingbird
import Schema

extension ShopReader {
    /// Events of one aggregate that are read for one request: a busy year of one SKU.
    private static let pastEventsMax = 100_000
    private static let eventsAtOnceMax = 1_024

    /// An aggregate as it was at an earlier moment, as its history tells; a new one when it was not there yet.
    ///
    /// - Parameter isErasing: whether an event has taken away what the earlier state would show.
    /// - Throws: 410 when retention has not kept as much of its history, or what it was has been erased.
    func read<A: Recorded>(
        _: A.Type, _ id: A.ID, at moment: Timestamp, isErasing: (A.Event) -> Bool = { _ in false }
    ) async throws -> Versioned<A> {
        let present = try await read(A.self, id)
        guard present.exists, moment < now else { return present }
        var events: [A.Event] = []
        var before = present.version + 1
        var count = 0
        while before > 1 {
            let page = await shard(of: id).history(
                A.self, id, before: before, limit: min(Self.eventsAtOnceMax, Int(clamping: before)))
            guard let oldest = page.last else { throw Problem(.positionExpired, "Its history begins later.") }
            for row in page {
                // Nothing has happened to it since.
                if row.version == present.version, row.time <= moment { return present }
                let event = try A.decodeEvent(row.event[...])
                if isErasing(event) { throw Problem(.positionExpired, "What it was has been erased.") }
                if row.time <= moment { events.append(event) }
            }
            before = oldest.version
            count += page.count
            guard count <= Self.pastEventsMax else {
                throw Problem(.positionExpired, "More has happened to it since than is told at once.")
            }
        }
        var state = A(id: id)
        for event in events.reversed() { state.apply(event) }
        return Versioned(state, version: UInt64(events.count), index: present.index)
    }
}

extension QueryReader {
    /// So far a client's clock may be ahead of ours, and its present is still asked for.
    private static let clockDifferenceMax = Duration.seconds(60)

    /// The moment that `at` names; nil for the present.
    ///
    /// - Throws: 422 for a moment that is yet to come, of which no history tells.
    static func moment(of request: Request, now: Timestamp) throws -> Timestamp? {
        try read(request) { query -> Timestamp?? in
            let moment = query.moment("at")
            if let moment, moment > now + clockDifferenceMax {
                return query.refuse("at", "is yet to come; it is \(now.rfc3339)")
            }
            return .some(moment)
        }
    }
}
