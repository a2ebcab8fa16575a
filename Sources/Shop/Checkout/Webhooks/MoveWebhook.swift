import ActorSystem
import Commerce
import EventSourcing
import Schema
import Wire

/// Says what has become of the events of one shard at one endpoint.
public struct MoveWebhook: ShardStep {
    let id: WebhookProgressID
    let command: WebhookProgress.Command

    public init(_ id: WebhookProgressID, _ command: WebhookProgress.Command) {
        self.id = id
        self.command = command
    }

    public static var number: StepNumber { StepNumber(rawValue: 41) }
    public var slot: Slot { id.slot }

    public func run(in batch: Batch) throws(WebhookProgress.Refusal) -> Done {
        try batch.decide(WebhookProgress.self, id, command)
        return Done()
    }
}

// MARK: - Bytes

extension MoveWebhook {
    public func encode(into bytes: inout [UInt8]) {
        RecordWriter.append(to: &bytes) { writer in
            writer.write(id.endpoint)
            writer.write(id.source)
            switch command {
            case .begin(let since, let index):
                writer.append(1)
                writer.write(since)
                writer.write(index)
            case .advance(let since, let index, let isTaken, let aside):
                writer.append(2)
                writer.write(since)
                writer.write(index)
                writer.write(isTaken)
                writer.writeArray(aside) { $0.write($1) }
            case .take(let place):
                writer.append(3)
                writer.write(place)
            case .postpone(let place, let time, let cause):
                writer.append(4)
                writer.write(place)
                writer.write(time)
                writer.write(cause.rawValue)
            case .fail(let place, let cause):
                writer.append(5)
                writer.write(place)
                writer.write(cause.rawValue)
            case .replay(let places):
                writer.append(6)
                writer.writeArray(places) { $0.write($1) }
            case .end: writer.append(7)
            }
        }
    }

    public init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        self = try FieldReader.whole(bytes) { fields throws(MalformedBytes) in
            let endpoint = try fields.identifier(WebhookID.self)
            let id = WebhookProgressID(endpoint: endpoint, source: try fields.shard())
            return MoveWebhook(id, try fields.webhookProgressCommand())
        }
    }
}

extension FieldReader {
    fileprivate mutating func webhookProgressCommand() throws(MalformedBytes) -> WebhookProgress.Command {
        switch try byte() {
        case 1:
            let since = try timestamp()
            return .begin(since: since, after: try index())
        case 2:
            let since = try timestamp()
            let (last, isTaken) = (try index(), try bool())
            return .advance(
                since: since, to: last, isTaken: isTaken,
                aside: try webhookDeliveries(countMax: WebhookProgress.asideMax))
        case 3: return .take(try eventPlace())
        case 4:
            let place = try eventPlace()
            let time = try timestamp()
            return .postpone(place, until: time, try webhookCause())
        case 5:
            let place = try eventPlace()
            return .fail(place, try webhookCause())
        case 6: return .replay(try eventPlaces(countMax: WebhookProgress.failedMax))
        case 7: return .end
        default: throw malformed("no such command of webhook progress")
        }
    }
}

extension WebhookProgress.Refusal: WireCodable {
    public func encode(into bytes: inout [UInt8]) { bytes.append(rawValue) }

    public init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        self = try FieldReader.whole(bytes) { fields throws(MalformedBytes) in
            guard let refusal = WebhookProgress.Refusal(rawValue: try fields.byte()) else {
                throw fields.malformed("no such refusal")
            }
            return refusal
        }
    }
}
