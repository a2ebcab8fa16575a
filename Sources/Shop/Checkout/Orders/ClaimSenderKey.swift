import ActorSystem
import Commerce
import EventSourcing
import Schema
import Steps
import Wire

/// Claims a key at its sender for an effect on another shard, unless it stands for something already.
struct ClaimSenderKey: ShardStep {
    let key: StepKey
    /// The slot of the effect.
    let home: Slot
    let lifetime: Duration

    static var number: StepNumber { StepNumber(rawValue: 25) }
    var slot: Slot { key.id.slot }

    /// - Returns: what the key stands for.
    func run(in batch: Batch) throws(Never) -> IdempotencyKey.Claim {
        if let standing = batch.read(IdempotencyKey.self, key.id).state.standing(at: batch.now) { return standing }
        let claim = IdempotencyKey.Claim(
            fingerprint: key.fingerprint, subject: .elsewhere(home), expiresAt: batch.now + lifetime)
        do throws(IdempotencyKey.Refusal) {
            try batch.decide(
                IdempotencyKey.self, key.id,
                .claim(fingerprint: claim.fingerprint, subject: claim.subject, expiresAt: claim.expiresAt))
        } catch {
            preconditionFailure("a key that does not stand refused a claim: \(error)")
        }
        return claim
    }
}

// MARK: - Bytes

extension ClaimSenderKey {
    func encode(into bytes: inout [UInt8]) {
        RecordWriter.append(to: &bytes) { writer in
            writer.write(key.id)
            writer.write(key.fingerprint)
            writer.write(home.rawValue)
            writer.write(lifetime)
        }
    }

    init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        self = try FieldReader.whole(bytes) { fields throws(MalformedBytes) in
            ClaimSenderKey(
                key: StepKey(id: try fields.keyID(), fingerprint: try fields.digest()), home: try fields.slot(),
                lifetime: try fields.duration())
        }
    }
}

extension IdempotencyKey.Claim: WireCodable {
    public func encode(into bytes: inout [UInt8]) { RecordWriter.append(to: &bytes) { $0.write(self) } }

    public init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        self = try FieldReader.whole(bytes) { fields throws(MalformedBytes) in try fields.claim() }
    }
}
