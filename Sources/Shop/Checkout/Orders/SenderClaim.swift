import ActorSystem
import Commerce
import EventSourcing
import Schema
import Steps

/// Ties an idempotency key to the caller who sent it, where the effect lives on another shard than its sender.
///
/// The key is claimed at its sender first, with the digest of the request; then comes the record of the effect, with a
/// key of the same digest beside it, which says what the effect was. Both may be repeated: after a crash in between the
/// retry finds the claim and does what is missing. It is never given up: what became of the request, a refusal too, is
/// known beside the effect. On one shard a single record holds everything, and there is nothing to take.
///
///     guard try await claim.take() else { … }                      // the key stands for another request
///     … one record at `home`, with `claim.keyAtHome` in it …
public struct SenderClaim: Sendable {
    private let key: IdempotencyKeyID
    private let fingerprint: Digest256
    private let home: Slot
    private let lifetime: Duration
    private let actor: ActorID?
    private let shards: ShardMap
    private let clock: @Sendable () -> Timestamp

    /// - Parameters:
    ///   - key: at the sender's slot.
    ///   - home: the slot of the effect.
    ///   - actor: who sent it, which the records name; nil for a sender without an account.
    public init(
        _ key: IdempotencyKeyID, fingerprint: Digest256, home: Slot, lifetime: Duration, by actor: ActorID?,
        shards: ShardMap, clock: @escaping @Sendable () -> Timestamp
    ) {
        self.key = key
        self.fingerprint = fingerprint
        self.home = home
        self.lifetime = lifetime
        self.actor = actor
        self.shards = shards
        self.clock = clock
    }

    /// The key that belongs in the record of the effect.
    public var keyAtHome: IdempotencyKeyID {
        isElsewhere ? IdempotencyKeyID(slot: home, digest: key.digest) : key
    }

    private var isElsewhere: Bool { shards[key.slot].id != shards[home].id }

    /// - Returns: whether the key is this request's; false when it stands for another.
    public func take() async throws(ExecutionFailure) -> Bool {
        guard isElsewhere else { return true }
        let step = ClaimSenderKey(key: StepKey(id: key, fingerprint: fingerprint), home: home, lifetime: lifetime)
        let standing = try await shards.run(step, at: clock(), by: actor).get()
        return standing.fingerprint == fingerprint && standing.subject == .elsewhere(home)
    }
}
