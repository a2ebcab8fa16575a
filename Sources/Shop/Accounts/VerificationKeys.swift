import Commerce
import EventSourcing
import Synchronization

/// The keys of all nodes by which access tokens are known, as the log tells. `CredentialFollower` keeps it up to the
/// log.
public final class VerificationKeys: Sendable {
    private let keys = Mutex<[VerificationKeyID: VerificationKey]>([:])

    package init() {}

    /// The key with this thumbprint; nil when none is published, or the last of its tokens has ended.
    package func key(_ id: VerificationKeyID, now: Timestamp) -> VerificationKey? {
        keys.withLock { $0[id] }.flatMap { $0.isGood(at: now) ? $0 : nil }
    }

    /// Every key of which a token may be good, in the order of their thumbprints.
    package func all(now: Timestamp) -> [VerificationKey] {
        keys.withLock { Array($0.values) }.filter { $0.isGood(at: now) }.sorted { $0.id < $1.id }
    }

    /// Takes in what the log says of a key, and forgets keys that are good for nothing any more.
    package func take(_ event: VerificationKey.Event, of id: VerificationKeyID, now: Timestamp) {
        var key = VerificationKey(id: id)
        key.apply(event)
        keys.withLock { keys in
            keys[id] = key
            keys = keys.filter { $0.value.isGood(at: now) }
        }
    }

    /// Takes the keys as the states have them.
    package func replace(with states: [VerificationKey]) {
        keys.withLock { keys in keys = Dictionary(uniqueKeysWithValues: states.map { ($0.id, $0) }) }
    }
}

extension VerificationKey {
    fileprivate func isGood(at now: Timestamp) -> Bool { publication != nil && endsAt.map { now < $0 } ?? true }
}
