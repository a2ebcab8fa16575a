import ActorSystem
import Commerce
import EventSourcing
import Schema
import Wire

/// Claims a key that is free, for a while, and without any effect beside it.
struct ClaimKey: ShardStep {
    let id: IdempotencyKeyID
    let fingerprint: Digest256
    let stay: Duration

    /// Far above the numbers of what ships.
    static var number: StepNumber { StepNumber(rawValue: 60_000) }
    var slot: Slot { id.slot }

    init(id: IdempotencyKeyID, fingerprint: Digest256, stay: Duration) {
        self.id = id
        self.fingerprint = fingerprint
        self.stay = stay
    }

    func run(in batch: Batch) throws(Never) -> Done {
        guard batch.read(IdempotencyKey.self, id).state.standing(at: batch.now) == nil else { return Done() }
        do throws(IdempotencyKey.Refusal) {
            try batch.decide(
                IdempotencyKey.self, id,
                .claim(
                    fingerprint: fingerprint, subject: .answer(status: 204, location: nil, body: []),
                    expiresAt: batch.now + stay))
        } catch {
            preconditionFailure("a key that does not stand refused: \(error)")
        }
        return Done()
    }

    // MARK: - Bytes

    func encode(into bytes: inout [UInt8]) {
        RecordWriter.append(to: &bytes) { writer in
            writer.write(id.slot.rawValue)
            writer.write(id.digest)
            writer.write(fingerprint)
            writer.write(Timestamp.zero + stay)
        }
    }

    init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        self = try FieldReader.whole(bytes) { fields throws(MalformedBytes) in
            let slot = try fields.slot()
            return ClaimKey(
                id: IdempotencyKeyID(slot: slot, digest: try fields.digest()), fingerprint: try fields.digest(),
                stay: .microseconds(try fields.timestamp().microseconds))
        }
    }
}
