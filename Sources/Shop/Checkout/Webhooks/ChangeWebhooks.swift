import ActorSystem
import Commerce
import EventSourcing
import Schema
import Wire

/// Changes and removes the endpoints that are told of the shop's events. For a gateway of an earlier version it makes
/// one and rotates its secret: `AddWebhook` and `RotateWebhookSecret` have come in their place.
public struct ChangeWebhooks: ShardStep {
    public let command: Webhooks.Command

    public init(_ command: Webhooks.Command) { self.command = command }

    public static var number: StepNumber { StepNumber(rawValue: 40) }
    public var slot: Slot { WebhooksID().slot }

    public func run(in batch: Batch) throws(Webhooks.Refusal) -> Done {
        try batch.decide(Webhooks.self, WebhooksID(), command)
        return Done()
    }
}

// MARK: - Bytes

extension ChangeWebhooks {
    public func encode(into bytes: inout [UInt8]) {
        RecordWriter.append(to: &bytes) { writer in
            switch command {
            case .add(let id, let settings, let secret):
                writer.append(1)
                writer.write(id)
                writer.write(settings)
                writer.write(secret)
            case .change(let id, let settings):
                writer.append(2)
                writer.write(id)
                writer.write(settings)
            case .rotateSecret(let id, let secret):
                writer.append(3)
                writer.write(id)
                writer.write(secret)
            case .giveUp(let id, let url, let fault):
                writer.append(4)
                writer.write(id)
                writer.write(url)
                writer.append(fault.rawValue)
            case .remove(let id):
                writer.append(5)
                writer.write(id)
            }
        }
    }

    public init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        self = try FieldReader.whole(bytes) { fields throws(MalformedBytes) in
            ChangeWebhooks(try fields.webhooksCommand())
        }
    }
}

extension FieldReader {
    fileprivate mutating func webhooksCommand() throws(MalformedBytes) -> Webhooks.Command {
        let number = try byte()
        let id = try identifier(WebhookID.self)
        switch number {
        case 1:
            let settings = try webhookSettings()
            return .add(id, settings, secret: try webhookSecret(bytesMax: WebhookSecret.length))
        case 2: return .change(id, try webhookSettings())
        case 3: return .rotateSecret(id, to: try webhookSecret(bytesMax: WebhookSecret.length))
        case 4: return .giveUp(id, at: try string(), try webhookFault())
        case 5: return .remove(id)
        default: throw malformed("no such command of webhooks")
        }
    }
}

extension Webhooks.Refusal: WireCodable {
    public func encode(into bytes: inout [UInt8]) { bytes.append(rawValue) }

    public init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        self = try FieldReader.whole(bytes) { fields throws(MalformedBytes) in
            guard let refusal = Webhooks.Refusal(rawValue: try fields.byte()) else {
                throw fields.malformed("no such refusal")
            }
            return refusal
        }
    }
}
