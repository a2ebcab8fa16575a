import EventSourcing
import Wire

/// The rows of a shard's states, written without a shard: for tools that make a data directory.
extension StoredStates {
    /// The row that tells the log's time, whatever is left of the log.
    public static func clockRow(_ time: Timestamp) -> StateRow {
        var writer = RecordWriter()
        writer.write(UInt64(bitPattern: time.microseconds))
        return StateRow(key: StateKeys.clock, value: writer.bytes)
    }

    /// The log's time as it was last saved; nil before the first save.
    public static func time(in states: any StateStore) throws -> Timestamp? {
        guard let bytes = try states.value(forKey: StateKeys.clock) else { return nil }
        var reader = RecordReader(bytes[...])
        return Timestamp(microseconds: Int64(bitPattern: try reader.readUInt64()))
    }

    /// All rows of one saved aggregate but its history: the state, its place in a list, its alarm.
    public static func rows<A: Recorded>(of value: Versioned<A>, id: A.ID) -> [StateRow] {
        var rows = [StateRow(key: StateKeys.state(A.self, id), value: value.encoded())]
        // The list of all of a kind is read from their states.
        if let listing = value.state.listing, !listing.group.isEmpty {
            rows.append(StateRow(key: StateKeys.key { StateKeys.listing(A.kind, listing, into: &$0) }, value: []))
        }
        if let moment = value.state.wakeAt {
            rows.append(StateRow(key: StateKeys.key { StateKeys.alarm(moment, A.kind, id, into: &$0) }, value: []))
        }
        return rows
    }
}
