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

// MARK: - Bytes

extension RecordWriter {
    package mutating func write(_ key: StepKey) {
        write(key.id.slot.rawValue)
        write(key.id.digest)
        write(key.fingerprint)
    }

    package mutating func writeOptional(_ key: StepKey?) { writeOptional(key) { $0.write($1) } }
}

extension FieldReader {
    package mutating func optionalStepKey() throws(MalformedBytes) -> StepKey? { try bool() ? try stepKey() : nil }

    package mutating func stepKey() throws(MalformedBytes) -> StepKey {
        let slot = try slot()
        return StepKey(
            id: IdempotencyKeyID(slot: slot, digest: try digest()), fingerprint: try digest())
    }
}
