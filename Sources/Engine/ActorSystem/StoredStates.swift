import EventSourcing

/// The saved states of one kind, read without a shard: for tools that look at a data directory offline.
public enum StoredStates {
    private static let rowsAtOnceMax = 1_024

    /// Hands every saved state of kind `A` to `body`, ascending by id.
    public static func forEach<A: Recorded>(
        _: A.Type, in states: any StateStore, _ body: (StoredState<A>) throws -> Void
    ) throws {
        var from = [A.kind.rawValue]
        let end = StateKeys.end(of: from)
        while true {
            let rows = try states.rows(from: from, upTo: end, reversed: false, limit: rowsAtOnceMax)
            for row in rows {
                guard let id = A.ID(encoded: row.key.dropFirst()) else {
                    throw MalformedBytes("a state's key that its kind does not know", at: 0)
                }
                try body(StoredState(row: row.value, id: id))
            }
            guard let last = rows.last else { return }
            from = last.key + [0]
        }
    }
}
