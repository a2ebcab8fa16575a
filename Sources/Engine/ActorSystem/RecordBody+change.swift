import EventSourcing

extension RecordBody {
    /// What a record says of one aggregate, for tools that write a record without a shard.
    public struct Change: Sendable {
        let kind: AggregateKind
        let id: [UInt8]
        let versionBefore: UInt64
        let events: [[UInt8]]

        /// - Parameter versionBefore: the aggregate's version before the first of `events`, of which there is one at
        ///   least.
        public init<A: Recorded>(of _: A.Type, _ id: A.ID, versionBefore: UInt64, events: [A.Event]) {
            kind = A.kind
            var idBytes: [UInt8] = []
            id.encode(into: &idBytes)
            self.id = idBytes
            self.versionBefore = versionBefore
            self.events = events.map { event in
                var bytes: [UInt8] = []
                A.encode(event, into: &bytes)
                return bytes
            }
        }
    }

    /// The payload of a record that no account asked for.
    public static func encode(_ changes: [Change]) -> [UInt8] {
        var body = RecordBodyWriter(kinds: changes.map(\.kind))
        for change in changes {
            body.beginEntry(kind: change.kind, versionBefore: change.versionBefore, events: change.events.count) {
                $0 += change.id
            }
            for event in change.events { body.writeEvent { $0 += event } }
        }
        return body.bytes
    }
}
