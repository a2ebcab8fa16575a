import EventSourcing
import Wire

/// An aggregate's state, how many events made it, and which record brought the last of them.
public struct Versioned<A: Recorded>: Sendable {
    public package(set) var state: A
    /// The number of events applied; zero before the first.
    public internal(set) var version: UInt64
    /// The record of the last event; an event out of a record at or behind it has been applied.
    public internal(set) var index: LogIndex

    init(new id: A.ID) {
        state = A(id: id)
        version = 0
        index = .zero
    }

    /// - Parameters:
    ///   - version: the number of events that made the state.
    ///   - index: the record of the last of them.
    public init(_ state: A, version: UInt64, index: LogIndex) {
        self.state = state
        self.version = version
        self.index = index
    }

    public var exists: Bool { version > 0 }

    mutating func apply(_ events: [A.Event]) {
        for event in events { state.apply(event) }
        version += UInt64(events.count)
    }

    /// Whether storage may have forgotten the aggregate at a moment of the log.
    ///
    /// When each replica does so is its own affair, so it must not matter: what is read or decided by a record of this
    /// time counts as new, whether it is still there or not.
    func isForgotten(at moment: Timestamp) -> Bool {
        A.isForgettable && exists && state.isForgotten(at: moment)
    }

    /// The row of the `state` database: version, index of the last record, the state's byte form.
    public func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        encode(into: &bytes)
        return bytes
    }

    func encode(into bytes: inout [UInt8]) {
        RecordWriter.append(to: &bytes) { writer in
            writer.writeVarint(version)
            writer.writeVarint(index.rawValue)
        }
        state.encodeState(into: &bytes)
    }

    /// Reads a row of the `state` database.
    public init(row: [UInt8], id: A.ID) throws(MalformedBytes) {
        self = try StoredState<A>(row: row[...], id: id).read()
    }
}

extension Recorded {
    /// Whether storage may have forgotten this state at a moment of the log.
    func isForgotten(at moment: Timestamp) -> Bool {
        guard Self.isForgettable, wakeAt == nil, let forgetAfter else { return false }
        return forgetAfter < moment
    }
}
