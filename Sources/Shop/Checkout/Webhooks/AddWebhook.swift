import ActorSystem
import Commerce
import EventSourcing
import Schema
import Steps
import Wire

/// Makes an endpoint that is told of the shop's events, once for each key.
public struct AddWebhook: KeyedStep {
    public let id: WebhookID
    public let settings: WebhookEndpoint.Settings
    public let secret: WebhookSecret
    public let key: StepKey?

    public init(
        _ id: WebhookID, _ settings: WebhookEndpoint.Settings, secret: WebhookSecret, key: StepKey? = nil
    ) {
        self.id = id
        self.settings = settings
        self.secret = secret
        self.key = key
    }

    public static var number: StepNumber { StepNumber(rawValue: 42) }
    public var slot: Slot { WebhooksID().slot }

    public func run(in batch: Batch) throws(AddWebhookRefusal) -> AddedWebhook {
        if let kept = try kept(in: batch) {
            let id = kept.value { fields throws(MalformedBytes) in try fields.identifier(WebhookID.self) }
            return AddedWebhook(id: id, isRepeated: true)
        }
        do throws(Webhooks.Refusal) {
            try batch.decide(Webhooks.self, WebhooksID(), .add(id, settings, secret: secret))
        } catch {
            throw .tooMany
        }
        // The secret stands with the endpoint, and nowhere else.
        batch.keep(KeptAnswer.bytes { $0.write(id) }, under: key)
        return AddedWebhook(id: id, isRepeated: false)
    }
}

/// The endpoint that was made, now or under the same key before.
public struct AddedWebhook: WireCodable, Hashable {
    public let id: WebhookID
    public let isRepeated: Bool
}

public enum AddWebhookRefusal: UInt8, KeyedRefusal, Hashable, CaseIterable {
    case tooMany = 1
    case keyReused = 2

    public var isKept: Bool { self != .keyReused }
}

// MARK: - Bytes

extension AddWebhook {
    public func encode(into bytes: inout [UInt8]) {
        RecordWriter.append(to: &bytes) { writer in
            writer.write(id)
            writer.write(settings)
            writer.write(secret)
            writer.writeOptional(key)
        }
    }

    public init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        self = try FieldReader.whole(bytes) { fields throws(MalformedBytes) in
            AddWebhook(
                try fields.identifier(WebhookID.self), try fields.webhookSettings(),
                secret: try fields.webhookSecret(bytesMax: WebhookSecret.length), key: try fields.optionalStepKey())
        }
    }
}

extension AddedWebhook {
    public func encode(into bytes: inout [UInt8]) {
        RecordWriter.append(to: &bytes) { writer in
            writer.write(id)
            writer.write(isRepeated)
        }
    }

    public init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        self = try FieldReader.whole(bytes) { fields throws(MalformedBytes) in
            AddedWebhook(id: try fields.identifier(WebhookID.self), isRepeated: try fields.bool())
        }
    }
}

extension AddWebhookRefusal {
    public func encode(into bytes: inout [UInt8]) { bytes.append(rawValue) }

    public init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        self = try FieldReader.whole(bytes) { fields throws(MalformedBytes) in
            guard let refusal = AddWebhookRefusal(rawValue: try fields.byte()) else {
                throw fields.malformed("no such refusal")
            }
            return refusal
        }
    }
}
