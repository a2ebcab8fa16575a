import ActorSystem
import EventSourcing

/// Every committed state of one aggregate in a run, oldest first: what a reply can be compared with, whenever it
/// arrives.
struct Timeline<A: Recorded> {
    struct Moment {
        /// The record that made it so; 0 before the first.
        let index: LogIndex
        let time: Timestamp
        let version: UInt64
        let state: A
    }

    private(set) var moments: [Moment]

    init(id: A.ID) { moments = [Moment(index: .zero, time: .zero, version: 0, state: A(id: id))] }

    var current: Moment { moments[moments.count - 1] }

    mutating func append(_ events: [A.Event], index: LogIndex, time: Timestamp) {
        var state = current.state
        for event in events { state.apply(event) }
        moments.append(
            Moment(index: index, time: time, version: current.version + UInt64(events.count), state: state))
    }

    /// The state as of the record at `index`.
    func position(asOf index: LogIndex) -> Int { (moments.firstIndex { $0.index > index } ?? moments.count) - 1 }

    /// The states that a linearizable reply can rest on that was asked for when `index` had been acknowledged.
    func since(_ index: LogIndex) -> ArraySlice<Moment> { moments[position(asOf: index)...] }

    func moment(version: UInt64) -> Moment? { moments.first { $0.version == version } }
}

/// The timelines of one kind of aggregate.
protocol AnyTimelines: AnyObject {
    /// Applies one entry of a committed record, whose events have been judged.
    ///
    /// - Throws: `Contradiction` when it cannot follow what is committed before it.
    func apply(_ entry: RecordBody.Entry, index: LogIndex, time: Timestamp) throws(Contradiction)
}

/// Why a committed record makes no sense.
struct Contradiction: Error {
    let message: String
    init(_ message: String) { self.message = message }
}

final class Timelines<A: Recorded>: AnyTimelines {
    /// Never iterated: `ids` is in the order of the log.
    private var timelines: [A.ID: Timeline<A>] = [:]
    private(set) var ids: [A.ID] = []
    /// What the record just applied did to this kind, in its order.
    var changes: [(id: A.ID, events: [A.Event])] = []

    init(_: A.Type) {}

    subscript(id: A.ID) -> Timeline<A> { timelines[id] ?? Timeline(id: id) }

    func apply(_ entry: RecordBody.Entry, index: LogIndex, time: Timestamp) throws(Contradiction) {
        guard let id = A.ID(encoded: entry.id) else { throw Contradiction("record \(index) names no \(A.self)") }
        var timeline = self[id]
        guard entry.versionBefore == timeline.current.version else {
            throw Contradiction(
                "record \(index) builds on version \(entry.versionBefore) of \(id), which is at "
                    + "\(timeline.current.version)")
        }
        var events: [A.Event] = []
        for bytes in entry.events {
            let event: A.Event
            do throws(MalformedBytes) { event = try A.decodeEvent(bytes) } catch {
                throw Contradiction("record \(index): \(error)")
            }
            events.append(event)
        }
        if timeline.current.version == 0 { ids.append(id) }
        timeline.append(events, index: index, time: time)
        timelines[id] = timeline
        changes.append((id, events))
    }
}
