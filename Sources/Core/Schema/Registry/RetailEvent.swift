import EventSourcing

/// An event of any aggregate with the id of what it happened to: for the feed, the checks and the printing of a log.
public struct RetailEvent: Sendable {
    private let content: any Content

    /// Reads an event out of what a record holds of it.
    ///
    /// - Parameters:
    ///   - id: exactly the id's canonical bytes.
    ///   - event: exactly the event's bytes.
    /// - Throws: `MalformedBytes` when the kind is unknown, or the bytes are not what it says.
    public init(kind: AggregateKind, id: ArraySlice<UInt8>, event: ArraySlice<UInt8>) throws(MalformedBytes) {
        guard let type = Registry.kinds[kind] else { throw MalformedBytes("no such kind of aggregate", at: 0) }
        content = try Self.read(type, id, event)
    }

    private static func read<A: RetailAggregate>(
        _: A.Type, _ id: ArraySlice<UInt8>, _ event: ArraySlice<UInt8>
    ) throws(MalformedBytes) -> any Content {
        guard let id = A.ID(encoded: id) else { throw MalformedBytes("not the id of its kind of aggregate", at: 0) }
        return ContentOf<A>(id: id, event: try A.decodeEvent(event))
    }

    /// The id and the event, when it is one of an aggregate of type `A`; nil otherwise.
    public func of<A: RetailAggregate>(_: A.Type) -> (id: A.ID, event: A.Event)? {
        (content as? ContentOf<A>).map { ($0.id, $0.event) }
    }

    /// What it happened to, by its id.
    public var subject: String { content.subject }
    /// What it happened to, for people.
    public var label: String { content.label }
    /// Its name outside the shop; nil for an event that stays inside.
    public var name: EventName? { content.name }
    /// Its public name, or the one that an event which stays inside has in a printed log.
    public var printedName: String { content.printedName }

    /// The version that a cluster has to have before it may be written.
    public var versionNeeded: ClusterVersion { content.versionNeeded }

    /// What the feed tells of it, and a printed log.
    ///
    /// - Parameter state: the aggregate as it stands, where the reader has it.
    public func fields(state: (any RetailAggregate)? = nil) -> EventFields { content.fields(state: state) }
}

/// What a `RetailEvent` holds, whatever its kind.
private protocol Content: Sendable {
    var subject: String { get }
    var label: String { get }
    var name: EventName? { get }
    var printedName: String { get }
    var versionNeeded: ClusterVersion { get }
    func fields(state: (any RetailAggregate)?) -> EventFields
}

private struct ContentOf<A: RetailAggregate>: Content {
    let id: A.ID
    let event: A.Event

    var subject: String { id.description }
    var label: String { A.label.isEmpty ? id.description : "\(A.label) \(id)" }
    var name: EventName? { A.publicName(of: event).map { EventName($0, of: A.self) } }
    var printedName: String {
        guard let name = A.publicName(of: event)?.rawValue ?? A.innerName(of: event) else {
            preconditionFailure("an event of \(A.self) has no name")
        }
        return name
    }

    var versionNeeded: ClusterVersion { A.versionNeeded(for: event, of: id) }

    func fields(state: (any RetailAggregate)?) -> EventFields {
        EventFields { A.describe(event, of: id, state: state as? A, in: &$0) }
    }
}
