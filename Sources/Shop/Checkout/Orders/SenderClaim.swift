import ActorSystem
import Commerce
import EventSourcing
import Schema

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
        while let standing = try await claimUnlessTaken() {
            if standing.fingerprint == fingerprint { return standing.subject == .elsewhere(home) }
            guard try await isGivenUp(standing) else { return false }
            try await giveUp(standing)
        }
        return true
    }

    /// Frees a key that the record of an effect beside its sender found taken for an effect elsewhere, if that one came
    /// to nothing.
    ///
    /// - Returns: whether the record may be tried again.
    public func giveUpOther() async throws(ExecutionFailure) -> Bool {
        guard !isElsewhere, let claim = try await shards.read(IdempotencyKey.self, key, at: clock()).state.claim,
            case .elsewhere = claim.subject, try await isGivenUp(claim)
        else { return false }
        try await giveUp(claim)
        return true
    }

    /// Claims the key where the effect is elsewhere.
    ///
    /// - Returns: what it stands for besides, which the record of the effect cannot judge; nil when there is no such.
    private func claimUnlessTaken() async throws(ExecutionFailure) -> IdempotencyKey.Claim? {
        guard isElsewhere else { return nil }
        return try await shards.execute(on: key.slot, at: clock(), by: actor) {
            batch throws(Never) -> IdempotencyKey.Claim? in
            if let standing = batch.read(IdempotencyKey.self, key).state.standing(at: batch.now) { return standing }
            let claim = IdempotencyKey.Command.claim(
                fingerprint: fingerprint, subject: .elsewhere(home), expiresAt: batch.now + lifetime)
            do throws(IdempotencyKey.Refusal) {
                try batch.decide(IdempotencyKey.self, key, claim)
            } catch {
                preconditionFailure("a key that does not stand refused a claim: \(error)")
            }
            return nil
        }.get()
    }

    /// Frees the key: the effect was refused. A claim that cannot be given up now is harmless: the same request, which
    /// it stands for, may be tried again.
    public func release() async {
        guard isElsewhere else { return }
        let claim = try? await shards.read(IdempotencyKey.self, key, at: clock()).state.claim
        guard let claim, claim.fingerprint == fingerprint, claim.subject == .elsewhere(home) else { return }
        try? await giveUp(claim)
    }

    /// Frees the key as it was seen: it may have gone on since.
    private func giveUp(_ claim: IdempotencyKey.Claim) async throws(ExecutionFailure) {
        try await shards.execute(on: key.slot, at: clock(), by: actor) { batch throws(Never) in
            guard batch.read(IdempotencyKey.self, key).state.claim == claim else { return }
            _ = Result { () throws(IdempotencyKey.Refusal) in
                try batch.decide(IdempotencyKey.self, key, .release)
            }
        }.get()
    }

    /// Whether the other request that the key stands for came to nothing.
    private func isGivenUp(_ claim: IdempotencyKey.Claim) async throws(ExecutionFailure) -> Bool {
        switch claim.subject {
        case .answer: return false
        case .order(let id):
            let order = try await shards.read(Order.self, id, at: clock())
            if case .rejected? = order.state.firstAnswer { return true }
            return false
        case .elsewhere(let slot):
            let id = IdempotencyKeyID(slot: slot, digest: key.digest)
            let there = try await shards.execute(on: slot, at: clock()) { batch throws(Never) in
                batch.read(IdempotencyKey.self, id).state.standing(at: batch.now)
            }.get()
            guard let there, case .order = there.subject else { return false }
            return try await isGivenUp(there)
        }
    }
}
