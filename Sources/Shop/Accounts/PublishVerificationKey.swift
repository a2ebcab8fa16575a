import ActorSystem
import Commerce
import EventSourcing
import Schema
import Wire

/// Tells every node of a key that tokens are signed with, or that its tokens end. Never refused.
public struct PublishVerificationKey: ShardStep {
    public let key: VerificationKeyID
    public let publication: VerificationKey.Publication
    /// When the last token of the key ends; nil while its node signs with it.
    public let endsAt: Timestamp?

    public init(_ key: VerificationKeyID, _ publication: VerificationKey.Publication, endsAt: Timestamp? = nil) {
        self.key = key
        self.publication = publication
        self.endsAt = endsAt
    }

    public static var number: StepNumber { StepNumber(rawValue: 17) }
    public var slot: Slot { key.slot }

    public func run(in batch: Batch) throws(Never) -> Done {
        try batch.decide(VerificationKey.self, key, .publish(publication, endsAt: endsAt))
        return Done()
    }
}

// MARK: - Bytes

extension PublishVerificationKey {
    public func encode(into bytes: inout [UInt8]) {
        RecordWriter.append(to: &bytes) { writer in
            writer.write(key.thumbprint)
            writer.write(publication)
            writer.writeOptional(endsAt)
        }
    }

    public init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        self = try FieldReader.whole(bytes) { fields throws(MalformedBytes) in
            PublishVerificationKey(
                VerificationKeyID(try fields.digest()), try fields.publication(),
                endsAt: try fields.optionalTimestamp())
        }
    }
}
