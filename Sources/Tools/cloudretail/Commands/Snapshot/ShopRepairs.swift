import ActorSystem
import Audit
import Commerce
import EventSourcing

/// What a restore changes of a shop, aggregate by aggregate, before it becomes another one.
struct ShopRepairs {
    /// One change, in words for people.
    private(set) var lines: [String] = []
    /// In their order, each of one aggregate.
    private(set) var changes: [Change] = []
    /// The time of those records: no earlier than any of the logs.
    let now: Timestamp
    /// By kind and id; each a `Versioned` of its kind.
    private var changed: [[UInt8]: any Sendable] = [:]

    struct Change {
        let slot: Slot
        /// Of the aggregate, its kind and id.
        let name: [UInt8]
        let change: RecordBody.Change
    }

    init(at now: Timestamp) { self.now = now }

    /// The aggregate with the changes made so far.
    func current<A: Recorded>(_ id: A.ID, _ value: Versioned<A>) -> Versioned<A> {
        guard let after = changed[Self.name(A.self, id)] as? Versioned<A> else { return value }
        return Versioned(after.state, version: after.version, index: value.index)
    }

    /// Tells of something that changes nothing.
    mutating func tell(_ words: String) { lines.append(words) }

    /// Changes an aggregate.
    ///
    /// - Parameters:
    ///   - value: as the snapshot has it.
    ///   - words: what this does, for people; nil when another line says it.
    mutating func change<A: Recorded>(_ id: A.ID, _ value: Versioned<A>, by events: [A.Event], _ words: String?) {
        guard !events.isEmpty else { return }
        let before = current(id, value)
        var state = before.state
        for event in events { state.apply(event) }
        changed[Self.name(A.self, id)] = Versioned(
            state, version: before.version + UInt64(events.count), index: before.index)
        changes.append(
            Change(
                slot: id.slot, name: Self.name(A.self, id),
                change: RecordBody.Change(of: A.self, id, versionBefore: before.version, events: events)))
        if let words { lines.append(words) }
    }

    private static func name<A: Recorded>(_: A.Type, _ id: A.ID) -> [UInt8] {
        var bytes = [A.kind.rawValue]
        id.encode(into: &bytes)
        return bytes
    }
}
