import ActorSystem
import Commerce
import EventSourcing
import Schema
import Wire

/// The idempotency of one step: the key that its request was sent under, and the digest of what it asked for.
public struct StepKey: Sendable, Hashable {
    public let id: IdempotencyKeyID
    public let fingerprint: Digest256

    public init(id: IdempotencyKeyID, fingerprint: Digest256) {
        self.id = id
        self.fingerprint = fingerprint
    }

    /// How long a key is remembered, as with orders: far longer than any client goes on trying.
    public static let lifetime = Duration.seconds(24 * 3_600)
}

/// What a key keeps of the answer to its request.
public struct KeptAnswer: Sendable, Hashable {
    public let location: String?
    public let body: [UInt8]
}

/// The key stands for another request.
public struct KeyReused: Error, Hashable, Sendable {}

extension Batch {
    /// What was kept under `key` when its request was done; nil when it is to be done now.
    package func kept(under key: StepKey?) throws(KeyReused) -> KeptAnswer? {
        guard let key, let claim = read(IdempotencyKey.self, key.id).state.standing(at: now) else { return nil }
        guard claim.fingerprint == key.fingerprint, case .answer(_, let location, let body) = claim.subject else {
            throw KeyReused()
        }
        return KeptAnswer(location: location, body: body)
    }

    /// Claims `key`, which is free, in the record of what was done.
    package func keep(_ body: [UInt8], under key: StepKey?) {
        guard let key else { return }
        do throws(IdempotencyKey.Refusal) {
            try decide(
                IdempotencyKey.self, key.id,
                .claim(
                    fingerprint: key.fingerprint, subject: .answer(status: Self.keptStatus, location: nil, body: body),
                    expiresAt: now + StepKey.lifetime))
        } catch {
            preconditionFailure("a key that does not stand refused an answer within its limits: \(error)")
        }
    }

    /// Keys say a status; a step that was done knows of one only.
    private static var keptStatus: UInt16 { 200 }
}

// MARK: - Bytes

extension RecordWriter {
    package mutating func writeOptional(_ key: StepKey?) {
        writeOptional(key) { writer, key in
            writer.write(key.id.slot.rawValue)
            writer.write(key.id.digest)
            writer.write(key.fingerprint)
        }
    }
}

extension FieldReader {
    package mutating func optionalStepKey() throws(MalformedBytes) -> StepKey? {
        guard try bool() else { return nil }
        let slot = try slot()
        return StepKey(
            id: IdempotencyKeyID(slot: slot, digest: try digest()), fingerprint: try digest())
    }
}
