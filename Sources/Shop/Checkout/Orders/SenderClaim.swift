import ActorSystem
import Commerce
import EventSourcing
import Schema
import Steps

/// Ties an idempotency key to the caller who sent it, where the effect lives on another shard than its sender.
///
/// The key is claimed at its sender first, with the digest of the request; then comes the record of the effect, with a
/// key of the same digest beside it, which says what the effect was. Both may be repeated: after a crash in between the
/// retry finds the claim and does what is missing. On one shard a single record holds everything, and there is nothing
/// to take.
///
///     guard try await claim.take() else { … }                      // the key stands for another request
///     … one record at `home`, with `claim.keyAtHome` in it …
///     await claim.release()                                        // when that was refused
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
        while true {
            let standing = try await shards.run(step, at: clock(), by: actor).get()
            if standing.fingerprint == fingerprint { return standing.subject == .elsewhere(home) }
            guard try await isGivenUp(standing) else { return false }
            try await giveUp(standing)
        }
    }

    /// Frees a key that the record of an effect beside its sender found taken for an effect elsewhere, if that one came
    /// to nothing.
    ///
    /// - Returns: whether the record may be tried again.
    public func giveUpOther() async throws(ExecutionFailure) -> Bool {
        guard !isElsewhere, let claim = try await shards.read(IdempotencyKey.self, key).state.claim,
            case .elsewhere = claim.subject, try await isGivenUp(claim)
        else { return false }
        try await giveUp(claim)
        return true
    }

    /// Frees the key: the effect was refused. A claim that cannot be given up now is harmless: the same request, which
    /// it stands for, may be tried again.
    public func release() async {
        guard isElsewhere else { return }
        let claim = try? await shards.read(IdempotencyKey.self, key).state.claim
        guard let claim, claim.fingerprint == fingerprint, claim.subject == .elsewhere(home) else { return }
        try? await giveUp(claim)
    }

    /// Frees the key as it was seen: it may have gone on since.
    private func giveUp(_ claim: IdempotencyKey.Claim) async throws(ExecutionFailure) {
        _ = try await shards.run(FreeSenderKey(key: key, claim: claim), at: clock(), by: actor)
    }

    /// Whether the other request that the key stands for came to nothing.
    private func isGivenUp(_ claim: IdempotencyKey.Claim) async throws(ExecutionFailure) -> Bool {
        switch claim.subject {
        case .answer: return false
        case .order(let id):
            let order = try await shards.read(Order.self, id)
            if case .rejected? = order.state.firstAnswer { return true }
            return false
        case .elsewhere(let slot):
            let id = IdempotencyKeyID(slot: slot, digest: key.digest)
            let there = try await shards.read(IdempotencyKey.self, id).state.claim
            guard let there, case .order = there.subject else { return false }
            return try await isGivenUp(there)
        }
    }
}
