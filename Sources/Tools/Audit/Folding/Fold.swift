import ActorSystem
import EventSourcing

/// What one entry of a record did to its aggregate.
struct Change<A: Judged> {
    let id: A.ID
    /// Of the state before.
    let before: A.Former
    /// The state after.
    let made: SharedState<A>
    /// Whether the log shows it from its first event on.
    let isWhole: Bool
    /// Those that moved the state.
    let events: [A.Event]
    /// Those that a saved state has already, which the log still holds.
    let earlier: [A.Event]

    var after: A { made.value }
}

/// A state that several hold: an order has a dozen parts, which would be counted each time it is copied.
final class SharedState<A: Judged>: Sendable {
    let value: A
    init(_ value: A) { self.value = value }
}

/// The states of one kind of aggregate, as the records make them.
///
/// Whatever has come to rest is kept as the bytes of its state: a million finished orders take some 200 MB.
struct Fold<A: Judged>: Sendable {
    private struct Entry: Sendable {
        var version: UInt64
        var state: State
        /// Whether the log shows it from its first event on.
        var isWhole: Bool
        var forgetAfter: Timestamp?
        /// Whether it has meant nothing any more, and begun anew: a saved state may be of a life before.
        var isReborn = false
    }

    private enum State: Sendable {
        case inMotion(SharedState<A>)
        case atRest([UInt8])
    }

    private var entries: [A.ID: Entry] = [:]
    /// Where a state is written before it is kept, in no more memory than it needs.
    private var scratch: [UInt8] = []
    /// Entries at which what means nothing any more is looked for again.
    private var sweepAt = sweepMin
    private var hasSwept = false
    /// Below this a sweep frees little.
    private static var sweepMin: Int { 65_536 }

    var count: Int { entries.count }
    /// In the order of their bytes, so that two runs say the same.
    var ids: [A.ID] { sorted(entries.keys) }

    private static func bytes(of id: A.ID) -> [UInt8] {
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

    func contains(_ id: A.ID) -> Bool { entries[id] != nil }

    /// The state, and whether the log shows it from its first event on; nil when no record has made one.
    func standing(_ id: A.ID) -> (state: SharedState<A>, isWhole: Bool)? {
        entries[id].map { (Self.shared($0.state, id), $0.isWhole) }
    }

    func version(of id: A.ID) -> UInt64 { entries[id]?.version ?? 0 }

    /// The state; nil when no record has made one.
    subscript(id: A.ID) -> A? { entries[id].map { Self.unpack($0.state, id) } }

    /// The state with its version; nil when no record has made one.
    ///
    /// - Parameter index: of a record at or behind the last that changed it.
    func versioned(_ id: A.ID, at index: LogIndex) -> Versioned<A>? {
        entries[id].map { Versioned(Self.unpack($0.state, id), version: $0.version, index: index) }
    }

    // MARK: - Taking

    /// Begins at a saved state, for a log whose beginning is gone.
    mutating func begin(_ saved: Versioned<A>, id: A.ID) {
        entries[id] = Entry(
            version: saved.version, state: Self.pack(SharedState(saved.state), &scratch), isWhole: false,
            forgetAfter: saved.state.forgetAfter)
    }

    /// Applies one entry of a record of `time`.
    ///
    /// - Parameter problems: gains what makes no sense; of an event that contradicts the state only the version counts.
    /// - Returns: nil when the bytes cannot be read.
    mutating func take(_ entry: RecordBody.Entry, at time: Timestamp, _ problems: inout [String]) -> Change<A>? {
        guard let id = A.ID(encoded: entry.id) else {
            problems.append("a name that is none of kind \(A.kind.rawValue)")
            return nil
        }
        let change = Self.take(entry, of: id, at: time, onto: &entries[id], hasSwept, &scratch, &problems)
        sweep(at: time)
        return change
    }

    /// In the place of the entry: an id is hashed once.
    private static func take(
        _ entry: RecordBody.Entry, of id: A.ID, at time: Timestamp, onto kept: inout Entry?, _ hasSwept: Bool,
        _ scratch: inout [UInt8], _ problems: inout [String]
    ) -> Change<A> {
        let known = kept.take()
        let version: UInt64?
        var (state, isWhole): (A, Bool)
        (version, state, isWhole) = standing(known, id, at: time, before: entry.versionBefore, hasSwept)
        let before = state.former
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
            if version != nil, let contradiction = state.contradiction(in: event, at: time) {
                problems.append("\(id): \(contradiction)")
                continue
            }
            state.apply(event)
            events.append(event)
        }
        let isReborn = known.map { $0.isReborn || (version == 0 && $0.version > 0) } ?? false
        let made = SharedState(state)
        kept = Entry(
            version: max(expected, reached), state: pack(made, &scratch), isWhole: isWhole,
            forgetAfter: state.forgetAfter, isReborn: isReborn)
        return Change(id: id, before: before, made: made, isWhole: isWhole, events: events, earlier: earlier)
    }

    /// The aggregate as a record of `time` finds it. The version is nil when it may have been swept: then nothing is
    /// known about it.
    private static func standing(
        _ entry: Entry?, _ id: A.ID, at time: Timestamp, before: UInt64, _ hasSwept: Bool
    ) -> (version: UInt64?, state: A, isWhole: Bool) {
        guard let entry else {
            return (before > 0 && hasSwept ? nil : 0, A(id: id), before == 0)
        }
        // What means nothing any more begins anew, its version too, once storage has forgotten it.
        if before == 0, let forgetAfter = entry.forgetAfter, A.isForgettable, forgetAfter < time {
            return (0, A(id: id), true)
        }
        return (entry.version, unpack(entry.state, id), entry.isWhole)
    }

    /// Drops what storage may have forgotten long ago, each time there is twice as much.
    private mutating func sweep(at time: Timestamp) {
        guard A.isForgettable, entries.count >= sweepAt else { return }
        let before = entries.count
        entries = entries.filter { $0.value.forgetAfter.map { $0 >= time } ?? true }
        hasSwept = hasSwept || entries.count < before
        sweepAt = max(Self.sweepMin, 2 * entries.count)
    }

    // MARK: - Comparing

    /// What the saved state says otherwise than the records; nil when they agree as far as it goes.
    func difference(from stored: StoredState<A>, at time: Timestamp) throws(MalformedBytes) -> String? {
        let (entry, id) = (entries[stored.id], stored.id)
        // The same bytes are the same state. Other bytes may be so too: an earlier version of the program wrote them.
        if let entry, entry.version == stored.version, case .atRest(let bytes) = entry.state,
            stored.bytes == bytes[...]
        {
            return nil
        }
        let saved = try stored.read()
        guard let entry else {
            let isForgotten = A.isForgettable && saved.state.forgetAfter.map { $0 < time } ?? false
            return isForgotten ? nil : "\(id): saved, but not in the log"
        }
        if entry.isReborn { return nil }
        if entry.version < saved.version {
            return "\(id): saved at version \(saved.version), the log ends at \(entry.version)"
        }
        guard entry.version == saved.version, Self.unpack(entry.state, id) != saved.state else { return nil }
        return "\(id): the saved state differs from the log"
    }

    /// The first, in the order of their bytes, of which another fold of the same records says something else.
    ///
    /// - Parameter time: of the last record: what means nothing any more by then may be there or not.
    func firstDifference(from other: Fold<A>, at time: Timestamp) -> A.ID? {
        Set(entries.keys).union(other.entries.keys)
            .filter { !Self.agree(entries[$0], other.entries[$0], id: $0, at: time) }
            .min { Self.bytes(of: $0).lexicographicallyPrecedes(Self.bytes(of: $1)) }
    }

    private static func agree(_ one: Entry?, _ other: Entry?, id: A.ID, at time: Timestamp) -> Bool {
        guard let one, let other else {
            return A.isForgettable && (one ?? other)?.forgetAfter.map { $0 < time } ?? false
        }
        return one.version == other.version && unpack(one.state, id) == unpack(other.state, id)
    }

    /// What it has of one aggregate, for people: no state, which may be a secret.
    func words(on id: A.ID) -> String { entries[id].map { "version \($0.version)" } ?? "nothing" }

    // MARK: - Packing

    private static func pack(_ state: SharedState<A>, _ scratch: inout [UInt8]) -> State {
        if state.value.isInMotion { return .inMotion(state) }
        scratch.removeAll(keepingCapacity: true)
        state.value.encodeState(into: &scratch)
        // Copied: an array of all of a slice would be the same memory, of which there is more than is filled.
        return .atRest(scratch.withUnsafeBufferPointer { [UInt8]($0) })
    }

    private static func unpack(_ state: State, _ id: A.ID) -> A { shared(state, id).value }

    private static func shared(_ state: State, _ id: A.ID) -> SharedState<A> {
        switch state {
        case .inMotion(let state): return state
        case .atRest(let bytes):
            do throws(MalformedBytes) {
                return SharedState(try A.decodeState(bytes[...], id: id))
            } catch {
                preconditionFailure("the state of \(id) cannot be read back: \(error)")
            }
        }
    }
}
