import ActorSystem
import Commerce
import EventSourcing
import Schema
import Steps
import Wire

/// Gives an endpoint another secret, once for each key: taken twice it would end the one its receiver has.
public struct RotateWebhookSecret: KeyedStep {
    public let id: WebhookID
    public let secret: WebhookSecret
    public let key: StepKey?

    public init(_ id: WebhookID, to secret: WebhookSecret, key: StepKey? = nil) {
        self.id = id
        self.secret = secret
        self.key = key
    }

    public static var number: StepNumber { StepNumber(rawValue: 43) }
    public var slot: Slot { WebhooksID().slot }

    public func run(in batch: Batch) throws(RotateWebhookSecretRefusal) -> RotatedWebhookSecret {
        if try kept(in: batch) != nil { return RotatedWebhookSecret(isRepeated: true) }
        do throws(Webhooks.Refusal) {
            try batch.decide(Webhooks.self, WebhooksID(), .rotateSecret(id, to: secret))
        } catch {
            throw .notFound
        }
        // The secret stands with the endpoint, and nowhere else.
        batch.keep(KeptAnswer.bytes { $0.write(id) }, under: key)
        return RotatedWebhookSecret(isRepeated: false)
    }
}

/// The endpoint has another secret, now or under the same key before.
public struct RotatedWebhookSecret: WireCodable, Hashable {
    public let isRepeated: Bool
}

public enum RotateWebhookSecretRefusal: UInt8, KeyedRefusal, Hashable, CaseIterable {
    case notFound = 1
    case keyReused = 2

    public var isKept: Bool { self != .keyReused }
}

// MARK: - Bytes

extension RotateWebhookSecret {
    public func encode(into bytes: inout [UInt8]) {
        RecordWriter.append(to: &bytes) { writer in
            writer.write(id)
            writer.write(secret)
            writer.writeOptional(key)
        }
    }

    public init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        self = try FieldReader.whole(bytes) { fields throws(MalformedBytes) in
            RotateWebhookSecret(
                try fields.identifier(WebhookID.self), to: try fields.webhookSecret(bytesMax: WebhookSecret.length),
                key: try fields.optionalStepKey())
        }
    }
}

extension RotatedWebhookSecret {
    public func encode(into bytes: inout [UInt8]) {
        RecordWriter.append(to: &bytes) { $0.write(isRepeated) }
    }

    public init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        self = try FieldReader.whole(bytes) { fields throws(MalformedBytes) in
            RotatedWebhookSecret(isRepeated: try fields.bool())
        }
    }
}

extension RotateWebhookSecretRefusal {
    public func encode(into bytes: inout [UInt8]) { bytes.append(rawValue) }

    public init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        self = try FieldReader.whole(bytes) { fields throws(MalformedBytes) in
            guard let refusal = RotateWebhookSecretRefusal(rawValue: try fields.byte()) else {
                throw fields.malformed("no such refusal")
            }
            return refusal
        }
    }
}
