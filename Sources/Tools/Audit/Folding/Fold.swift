import ActorSystem
import EventSourcing
import Wire

/// The states of one kind of aggregate, as the records make them.
///
/// Whatever has come to rest is kept as the bytes of its state: a million finished orders take some 200 MB.
struct Fold<A: Judged>: Sendable {
    struct Entry: Sendable {
        var version: UInt64
        fileprivate(set) var state: State
        /// Whether the log shows it from its first event on.
        var isWhole: Bool
        var forgetAfter: Timestamp?
        /// Whether it has meant nothing any more, and begun anew: a saved state may be of a life before.
        var isReborn = false
        /// Of the state's bytes so many are the count that they end with.
        fileprivate(set) var countBytes: UInt8 = 0
    }

    enum State: Sendable {
        case inMotion(SharedState<A>)
        case atRest(PackedStates.Place)
        /// Taken out, so that an event is applied to it where it is.
        case out
    }

    private(set) var entries = FlatTable<A.ID, Entry>()
    private var packed = PackedStates()
    /// Where a state is written before it is kept.
    private var scratch: [UInt8] = []
    /// Entries at which what means nothing any more is looked for again.
    private var sweepAt = sweepMin
    private var hasSwept = false
    /// Below this a sweep frees little.
    private static var sweepMin: Int { 65_536 }

    var count: Int { entries.count }
    /// In the order of their bytes, so that two runs say the same.
    var ids: [A.ID] { sorted(entries.keys) }

    static func bytes(of id: A.ID) -> [UInt8] {
        var bytes: [UInt8] = []
        id.encode(into: &bytes)
        return bytes
    }

    /// Those that more events are to come for, in the order of their bytes.
    var idsInMotion: [A.ID] {
        sorted(entries.lazy.filter { if case .inMotion = $0.value.state { true } else { false } }.map(\.key))
    }

    private func sorted(_ ids: some Sequence<A.ID>) -> [A.ID] {
        // Encoded once each: a million of them are compared twenty million times.
        ids.map { (id: $0, bytes: Self.bytes(of: $0)) }
            .sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }.map(\.id)
    }

    func contains(_ id: A.ID) -> Bool { entries.contains(id) }

    /// The state, and whether the log shows it from its first event on; nil when no record has made one.
    func standing(_ id: A.ID) -> (state: SharedState<A>, isWhole: Bool)? {
        entries[id].map { (shared($0.state, id), $0.isWhole) }
    }

    func version(of id: A.ID) -> UInt64 { entries[id]?.version ?? 0 }

    /// The state; nil when no record has made one.
    subscript(id: A.ID) -> A? { entries[id].map { state(of: $0, id) } }

    /// The state with its version; nil when no record has made one.
    ///
    /// - Parameter index: of a record at or behind the last that changed it.
    func versioned(_ id: A.ID, at index: LogIndex) -> Versioned<A>? {
        entries[id].map { Versioned(state(of: $0, id), version: $0.version, index: index) }
    }

    // MARK: - Taking

    /// Begins at a saved state, for a log whose beginning is gone.
    mutating func begin(_ saved: Versioned<A>, id: A.ID) {
        keep(SharedState(saved.state), of: id, at: entries.place(of: id), version: saved.version, isWhole: false)
    }

    /// What an entry of a record came to.
    enum Taken {
        case changed(Change<A>)
        /// Nothing moved but the count that the state ends with, of which nothing is asked.
        case counted(A.ID)
    }

    /// Applies one entry of a record of `time`.
    ///
    /// - Parameter problems: gains what makes no sense; of an event that contradicts the state only the version counts.
    /// - Returns: nil when the bytes cannot be read.
    mutating func take(_ entry: RecordBody.Entry, at time: Timestamp, _ problems: inout [String]) -> Taken? {
        guard let id = A.ID(encoded: entry.id) else {
            problems.append("a name that is none of kind \(A.kind.rawValue)")
            return nil
        }
        // An id is looked up once.
        let place = entries.place(of: id)
        if let place, count(entry, of: id, at: place) { return .counted(id) }
        let change = take(entry, of: id, at: place, time, &problems)
        sweep(at: time)
        return .changed(change)
    }

    private mutating func take(
        _ entry: RecordBody.Entry, of id: A.ID, at place: Int?, _ time: Timestamp, _ problems: inout [String]
    ) -> Change<A> {
        let versionKnown = place.map { entries[at: $0].version } ?? 0
        let wasReborn = place.map { entries[at: $0].isReborn } ?? false
        var (version, state, isWhole) = takeOut(id, at: place, time, before: entry.versionBefore)
        let before = state.value.former
        var expected = version ?? entry.versionBefore
        if entry.versionBefore > expected {
            problems.append("\(id) jumps from version \(expected) to \(entry.versionBefore + 1)")
            expected = entry.versionBefore
            isWhole = false
        }
        var (events, earlier): ([A.Event], [A.Event]) = ([], [])
        events.reserveCapacity(entry.events.count)
        var reached = entry.versionBefore
        for bytes in entry.events {
            reached += 1
            let event: A.Event
            do throws(MalformedBytes) { event = try A.decodeEvent(bytes) } catch {
                problems.append("\(id): \(error)")
                continue
            }
            guard reached > expected else {
                if isWhole { problems.append("\(id) comes to version \(reached) a second time") }
                earlier.append(event)
                continue
            }
            if version != nil, let contradiction = state.value.contradiction(in: event, at: time) {
                problems.append("\(id): \(contradiction)")
                continue
            }
            SharedState.apply(event, to: &state)
            events.append(event)
        }
        keep(
            state, of: id, at: place, version: max(expected, reached), isWhole: isWhole,
            isReborn: wasReborn || (version == 0 && versionKnown > 0))
        return Change(id: id, before: before, made: state, isWhole: isWhole, events: events, earlier: earlier)
    }

    /// The aggregate as a record of `time` finds it. The version is nil when it may have been swept: then nothing is
    /// known about it.
    private mutating func takeOut(
        _ id: A.ID, at place: Int?, _ time: Timestamp, before: UInt64
    ) -> (version: UInt64?, state: SharedState<A>, isWhole: Bool) {
        guard let place else {
            return (before > 0 && hasSwept ? nil : 0, SharedState(A(id: id)), before == 0)
        }
        // What means nothing any more begins anew, its version too, once storage has forgotten it.
        if before == 0, A.isForgettable, let forgetAfter = entries[at: place].forgetAfter, forgetAfter < time {
            return (0, SharedState(A(id: id)), true)
        }
        let state = shared(entries[at: place].state, id)
        if case .inMotion = entries[at: place].state { entries[at: place].state = .out }
        return (entries[at: place].version, state, entries[at: place].isWhole)
    }

    /// Moves the count that the bytes of a state end with, as the events of an entry say.
    ///
    /// - Returns: whether they do nothing else; if not, nothing was done.
    private mutating func count(_ entry: RecordBody.Entry, of id: A.ID, at place: Int) -> Bool {
        let countBytes = Int(entries[at: place].countBytes)
        guard countBytes > 0, entry.versionBefore == entries[at: place].version,
            case .atRest(let kept) = entries[at: place].state, var count = packed.count(atEndOf: kept, countBytes)
        else { return false }
        for bytes in entry.events {
            guard let event = try? A.decodeEvent(bytes), let next = A.count(count, of: id, after: event) else {
                return false
            }
            count = next
        }
        scratch.removeAll(keepingCapacity: true)
        RecordWriter.append(to: &scratch) { $0.writeVarint(count) }
        entries[at: place].state = .atRest(packed.replaceEnd(of: kept, countBytes, with: scratch))
        entries[at: place].countBytes = UInt8(scratch.count)
        entries[at: place].version += UInt64(entry.events.count)
        return true
    }

    /// Drops what storage may have forgotten long ago, each time there is twice as much.
    private mutating func sweep(at time: Timestamp) {
        guard A.isForgettable, entries.count >= sweepAt else { return }
        let before = entries.count
        entries.filter { $0.value.forgetAfter.map { $0 >= time } ?? true }
        if entries.count < before {
            hasSwept = true
            repack()
        }
        sweepAt = max(Self.sweepMin, 2 * entries.count)
    }

    // MARK: - Keeping

    private mutating func keep(
        _ state: SharedState<A>, of id: A.ID, at place: Int?, version: UInt64, isWhole: Bool, isReborn: Bool = false
    ) {
        var former: PackedStates.Place?
        if let place, case .atRest(let kept) = entries[at: place].state { former = kept }
        var entry = Entry(
            version: version, state: .inMotion(state), isWhole: isWhole, forgetAfter: state.value.forgetAfter,
            isReborn: isReborn)
        if !state.value.isInMotion {
            scratch.removeAll(keepingCapacity: true)
            if let count = state.value.count { RecordWriter.append(to: &scratch) { $0.writeVarint(count) } }
            entry.countBytes = UInt8(scratch.count)
            scratch.removeAll(keepingCapacity: true)
            state.value.encodeState(into: &scratch)
            entry.state = .atRest(packed.keep(scratch, insteadOf: former))
        } else if let former {
            packed.lose(former)
        }
        if let place { entries[at: place] = entry } else { entries.append(entry, for: id) }
        if packed.isMostlyLost { repack() }
    }

    private mutating func repack() {
        var kept = PackedStates()
        for place in 0..<entries.count {
            guard case .atRest(let former) = entries[at: place].state else { continue }
            entries[at: place].state = .atRest(kept.keep(packed[former]))
        }
        packed = kept
    }

    func state(of entry: Entry, _ id: A.ID) -> A { shared(entry.state, id).value }

    /// Whether the state of an entry is kept as these bytes.
    func isKept(_ entry: Entry, as bytes: ArraySlice<UInt8>) -> Bool {
        if case .atRest(let place) = entry.state { packed.has(bytes, at: place) } else { false }
    }

    private func shared(_ state: State, _ id: A.ID) -> SharedState<A> {
        switch state {
        case .inMotion(let state): return state
        case .atRest(let place):
            do throws(MalformedBytes) {
                return SharedState(try A.decodeState(packed[place], id: id))
            } catch {
                preconditionFailure("the state of \(id) cannot be read back: \(error)")
            }
        case .out: preconditionFailure("the state of \(id) is asked for while it changes")
        }
    }
}
