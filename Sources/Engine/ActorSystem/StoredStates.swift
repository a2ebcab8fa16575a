import EventSourcing

/// The saved states of one kind, read without a shard: for tools that look at a data directory offline.
public enum StoredStates {
    /// Hands every saved state of kind `A` to `body`, ascending by id.
    public static func forEach<A: Recorded>(
        _: A.Type, in states: any StateStore, _ body: (StoredState<A>) throws -> Void
    ) throws {
        let kind = [A.kind.rawValue]
        try states.forEachRow(from: kind, upTo: StateKeys.end(of: kind)) { key, value in
            guard let id = A.ID(encoded: key.dropFirst()) else {
                throw MalformedBytes("a state's key that its kind does not know", at: 0)
            }
            try body(StoredState(row: value, id: id))
        }
    }
}
