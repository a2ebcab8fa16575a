import Commerce
import EventSourcing
import Wire

extension IdempotencyKey: Recorded {
    public static var kind: AggregateKind { AggregateKind(rawValue: 3) }

    /// Before refusals were kept, a key's answer was a success.
    public static func versionNeeded(for event: Event, of id: ID) -> ClusterVersion {
        if case .claimed(let claim) = event, case .answer(let status, _, _) = claim.subject, status >= 400 {
            return .second
        }
        return .first
    }

    public static var isForgettable: Bool { true }
    /// A free key means nothing, now or later.
    public var forgetAfter: Timestamp? { claim?.expiresAt ?? .zero }

    public static func encode(_ event: Event, into bytes: inout [UInt8]) {
        RecordWriter.append(to: &bytes) { writer in
            switch event {
            case .claimed(let claim):
                writer.writeHeader(1, schema: claim.schema)
                writer.write(claim)
            case .released:
                writer.writeHeader(2, schema: 1)
            }
        }
    }

    public static func decodeEvent(_ bytes: ArraySlice<UInt8>) throws(MalformedBytes) -> Event {
        try FieldReader.event(of: "an idempotency key", bytes) { number, schema, fields throws(MalformedBytes) in
            switch (number, schema) {
            case (1, 1...IdempotencyKey.Claim.schemaNewest): return .claimed(try fields.claim(schema: schema))
            case (2, 1): return .released
            default: return nil
            }
        }
    }

    public func encodeState(into bytes: inout [UInt8]) {
        RecordWriter.appendState(to: &bytes, schema: claim?.schema ?? 1) { writer in
            writer.writeOptional(claim) { $0.write($1) }
        }
    }

    public static func decodeState(
        _ bytes: ArraySlice<UInt8>, id: IdempotencyKeyID
    ) throws(MalformedBytes) -> IdempotencyKey {
        try FieldReader.state(
            of: "an idempotency key", bytes, newest: Claim.schemaNewest, into: IdempotencyKey(id: id)
        ) { key, schema, fields throws(MalformedBytes) in
            key.claim = try fields.optional { f throws(MalformedBytes) in try f.claim(schema: schema) }
        }
    }
}

extension IdempotencyKey.Claim {
    /// 2: the effect may live elsewhere. What schema 1 can say is written in it.
    fileprivate static let schemaNewest: UInt8 = 2
    fileprivate var schema: UInt8 { if case .elsewhere = subject { 2 } else { 1 } }
}

extension RecordWriter {
    package mutating func write(_ claim: IdempotencyKey.Claim) {
        write(claim.fingerprint)
        write(claim.expiresAt)
        switch claim.subject {
        case .order(let id):
            append(1)
            write(id)
        case .answer(let status, let location, let body):
            append(2)
            write(status)
            writeOptional(location)
            write(body)
        case .elsewhere(let slot):
            append(3)
            write(slot.rawValue)
        }
    }
}

extension FieldReader {
    package mutating func claim() throws(MalformedBytes) -> IdempotencyKey.Claim {
        try claim(schema: IdempotencyKey.Claim.schemaNewest)
    }

    fileprivate mutating func claim(schema: UInt8) throws(MalformedBytes) -> IdempotencyKey.Claim {
        let (fingerprint, expiresAt) = (try digest(), try timestamp())
        let subject: IdempotencyKey.Subject
        switch try byte() {
        case 1: subject = .order(try identifier(OrderID.self))
        case 2: subject = .answer(status: try uint16(), location: try optionalString(), body: try blob())
        case 3 where schema >= 2:
            subject = .elsewhere(try slot())
        default: throw malformed("no such subject of an idempotency key")
        }
        return IdempotencyKey.Claim(fingerprint: fingerprint, subject: subject, expiresAt: expiresAt)
    }
}
