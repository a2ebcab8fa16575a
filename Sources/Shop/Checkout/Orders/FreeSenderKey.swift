import ActorSystem
import Commerce
import EventSourcing
import Schema
import Wire

/// Frees a key as it was seen: it may have gone on since.
struct FreeSenderKey: ShardStep {
    let key: IdempotencyKeyID
    let claim: IdempotencyKey.Claim

    static var number: StepNumber { StepNumber(rawValue: 26) }
    var slot: Slot { key.slot }

    func run(in batch: Batch) throws(Never) -> Done {
        guard batch.read(IdempotencyKey.self, key).state.claim == claim else { return Done() }
        _ = Result { () throws(IdempotencyKey.Refusal) in try batch.decide(IdempotencyKey.self, key, .release) }
        return Done()
    }
}

// MARK: - Bytes

extension FreeSenderKey {
    func encode(into bytes: inout [UInt8]) {
        RecordWriter.append(to: &bytes) { writer in
            writer.write(key)
            writer.write(claim)
        }
    }

    init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        self = try FieldReader.whole(bytes) { fields throws(MalformedBytes) in
            FreeSenderKey(key: try fields.keyID(), claim: try fields.claim())
        }
    }
}
