import ActorSystem
import EventSourcing

/// A fold beside saved states, and beside another fold.
extension Fold {
    /// What the saved state says otherwise than the records; nil when they agree as far as it goes.
    func difference(from stored: StoredState<A>, at time: Timestamp) throws(MalformedBytes) -> String? {
        let (entry, id) = (entries[stored.id], stored.id)
        // The same bytes are the same state. Other bytes may be so too: an earlier version of the program wrote them.
        if let entry, entry.version == stored.version, isKept(entry, as: stored.bytes) { return nil }
        let saved = try stored.read()
        guard let entry else {
            let isForgotten = A.isForgettable && saved.state.forgetAfter.map { $0 < time } ?? false
            return isForgotten ? nil : "\(id): saved, but not in the log"
        }
        if entry.isReborn { return nil }
        if entry.version < saved.version {
            return "\(id): saved at version \(saved.version), the log ends at \(entry.version)"
        }
        guard entry.version == saved.version, state(of: entry, id) != saved.state else { return nil }
        return "\(id): the saved state differs from the log"
    }

    /// The first, in the order of their bytes, of which another fold of the same records says something else.
    ///
    /// - Parameter time: of the last record: what means nothing any more by then may be there or not.
    func firstDifference(from other: Fold<A>, at time: Timestamp) -> A.ID? {
        Set(entries.keys).union(other.entries.keys)
            .filter { !agrees(with: other, on: $0, at: time) }
            .min { Self.bytes(of: $0).lexicographicallyPrecedes(Self.bytes(of: $1)) }
    }

    private func agrees(with other: Fold<A>, on id: A.ID, at time: Timestamp) -> Bool {
        guard let here = entries[id], let there = other.entries[id] else {
            return A.isForgettable && (entries[id] ?? other.entries[id])?.forgetAfter.map { $0 < time } ?? false
        }
        return here.version == there.version && state(of: here, id) == other.state(of: there, id)
    }

    /// What it has of one aggregate, for people: no state, which may be a secret.
    func words(on id: A.ID) -> String { entries[id].map { "version \($0.version)" } ?? "nothing" }
}
