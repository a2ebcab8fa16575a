import Commerce
import EventSourcing
import Wire

extension Webhooks: Recorded {
    public static var kind: AggregateKind { AggregateKind(rawValue: 14) }

    public static func versionNeeded(for event: Event, of id: WebhooksID) -> ClusterVersion { .second }

    public static func encode(_ event: Event, into bytes: inout [UInt8]) {
        RecordWriter.append(to: &bytes) { writer in
            switch event {
            case .added(let id, let settings, let secret, let now):
                writer.writeHeader(1, schema: 1)
                writer.write(now)
                writer.write(id)
                writer.write(settings)
                writer.write(secret)
            case .changed(let id, let settings, let now):
                writer.writeHeader(2, schema: 1)
                writer.write(now)
                writer.write(id)
                writer.write(settings)
            case .secretRotated(let id, let secret, let end):
                writer.writeHeader(3, schema: 1)
                writer.write(id)
                writer.write(secret)
                writer.write(end)
            case .givenUp(let id, let fault):
                writer.writeHeader(4, schema: 1)
                writer.write(id)
                writer.append(fault.rawValue)
            case .removed(let id):
                writer.writeHeader(5, schema: 1)
                writer.write(id)
            }
        }
    }

    public static func decodeEvent(_ bytes: ArraySlice<UInt8>) throws(MalformedBytes) -> Event {
        try FieldReader.event(of: "webhooks", bytes) { number, schema, fields throws(MalformedBytes) in
            switch (number, schema) {
            case (1, 1):
                let now = try fields.timestamp()
                let id = try fields.identifier(WebhookID.self)
                return .added(id, try fields.webhookSettings(), secret: try fields.webhookSecret(), at: now)
            case (2, 1):
                let now = try fields.timestamp()
                return .changed(try fields.identifier(WebhookID.self), try fields.webhookSettings(), at: now)
            case (3, 1):
                let id = try fields.identifier(WebhookID.self)
                return .secretRotated(id, to: try fields.webhookSecret(), previousUntil: try fields.timestamp())
            case (4, 1): return .givenUp(try fields.identifier(WebhookID.self), try fields.webhookFault())
            case (5, 1): return .removed(try fields.identifier(WebhookID.self))
            default: return nil
            }
        }
    }

    public func encodeState(into bytes: inout [UInt8]) {
        RecordWriter.appendState(to: &bytes) { writer in
            writer.writeArray(endpoints) { writer, endpoint in
                writer.write(endpoint.id)
                writer.write(endpoint.settings)
                writer.write(endpoint.secret)
                writer.writeOptional(endpoint.previous) { writer, previous in
                    writer.write(previous.secret)
                    writer.write(previous.until)
                }
                writer.write(endpoint.since)
                writer.writeOptional(endpoint.fault) { $0.append($1.rawValue) }
            }
        }
    }

    public static func decodeState(_ bytes: ArraySlice<UInt8>, id: WebhooksID) throws(MalformedBytes) -> Webhooks {
        try FieldReader.state(of: "webhooks", bytes, into: Webhooks(id: id)) {
            webhooks, fields throws(MalformedBytes) in
            webhooks.endpoints = try fields.array(bytesMin: 31) { f throws(MalformedBytes) in try f.webhookEndpoint() }
        }
    }
}

extension RecordWriter {
    package mutating func write(_ secret: WebhookSecret) { write(secret.bytes) }

    package mutating func write(_ settings: WebhookEndpoint.Settings) {
        write(settings.url)
        writeArray(settings.types) { $0.write($1) }
        write(settings.description)
        write(settings.isEnabled)
    }
}

extension FieldReader {
    /// - Parameter bytesMax: of what travels a longer one is refused.
    package mutating func webhookSecret(bytesMax: Int = .max) throws(MalformedBytes) -> WebhookSecret {
        WebhookSecret(try blob(bytesMax: bytesMax))
    }

    package mutating func webhookSettings() throws(MalformedBytes) -> WebhookEndpoint.Settings {
        let url = try string()
        let types = try array(bytesMin: 1) { f throws(MalformedBytes) in try f.string() }
        return WebhookEndpoint.Settings(
            url: url, types: types, description: try string(), isEnabled: try bool())
    }

    package mutating func webhookFault() throws(MalformedBytes) -> WebhookEndpoint.Fault {
        guard let fault = WebhookEndpoint.Fault(rawValue: try byte()) else {
            throw malformed("no such fault of an endpoint")
        }
        return fault
    }

    fileprivate mutating func webhookEndpoint() throws(MalformedBytes) -> WebhookEndpoint {
        let id = try identifier(WebhookID.self)
        let settings = try webhookSettings()
        let secret = try webhookSecret()
        let previous = try optional { f throws(MalformedBytes) in
            WebhookEndpoint.PreviousSecret(secret: try f.webhookSecret(), until: try f.timestamp())
        }
        var endpoint = WebhookEndpoint(id: id, settings, secret: secret, since: try timestamp())
        endpoint.previous = previous
        endpoint.fault = try optional { f throws(MalformedBytes) in try f.webhookFault() }
        return endpoint
    }
}
