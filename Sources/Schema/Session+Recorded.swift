import Commerce
import EventSourcing
import Wire

extension Session: Recorded {
    public static var kind: AggregateKind { .session }

    public static var isForgettable: Bool { true }
    public var forgetAfter: Timestamp? { opening.map { $0.expiresAt + Self.retention } }

    /// Among the sessions of its customer, by id and so by time.
    public var listing: Listing? {
        guard let customer else { return nil }
        return Listing(of: customer, id)
    }

    public static func encode(_ event: Event, into bytes: inout [UInt8]) {
        RecordWriter.append(to: &bytes) { writer in
            switch event {
            case .opened(let opening, let now):
                writer.writeHeader(1, schema: 1)
                writer.write(now)
                writer.write(opening)
            case .rotated(let replacement, let now):
                writer.writeHeader(2, schema: 1)
                writer.write(now)
                writer.write(replacement)
            case .ended(let reason, let now):
                writer.writeHeader(3, schema: 1)
                writer.write(now)
                writer.append(reason.number)
            }
        }
    }

    public static func decodeEvent(_ bytes: ArraySlice<UInt8>) throws(MalformedBytes) -> Event {
        try FieldReader.event(of: "a session", bytes) { number, schema, fields throws(MalformedBytes) in
            let now = try fields.timestamp()
            switch (number, schema) {
            case (1, 1): return .opened(try fields.opening(), at: now)
            case (2, 1): return .rotated(try fields.digest(), at: now)
            case (3, 1): return .ended(try fields.endReason(), at: now)
            default: return nil
            }
        }
    }

    public func encodeState(into bytes: inout [UInt8]) {
        RecordWriter.appendState(to: &bytes) { writer in
            guard let opening, let openedAt, let rotation, let lastSeenAt else { return writer.write(false) }
            writer.write(true)
            writer.write(opening)
            writer.write(openedAt)
            writer.write(rotation)
            writer.writeVarint(generation)
            writer.write(lastSeenAt)
            writer.writeOptional(ended) { writer, ending in
                writer.append(ending.reason.number)
                writer.write(ending.at)
            }
        }
    }

    public static func decodeState(_ bytes: ArraySlice<UInt8>, id: SessionID) throws(MalformedBytes) -> Session {
        try FieldReader.state(of: "a session", bytes, into: Session(id: id)) { session, fields throws(MalformedBytes) in
            if try fields.bool() {
                session.opening = try fields.opening()
                session.openedAt = try fields.timestamp()
                session.rotation = try fields.digest()
                session.generation = try fields.varint()
                session.lastSeenAt = try fields.timestamp()
                session.ended = try fields.optional { f throws(MalformedBytes) in
                    Ending(reason: try f.endReason(), at: try f.timestamp())
                }
            }
        }
    }
}

extension Session.EndReason {
    fileprivate var number: UInt8 {
        switch self {
        case .loggedOut: 1
        case .revoked: 2
        case .passwordChanged: 3
        case .reuseDetected: 4
        }
    }
}

extension RecordWriter {
    fileprivate mutating func write(_ opening: Session.Opening) {
        write(opening.customer)
        write(opening.token.family)
        write(opening.token.rotation)
        write(opening.expiresAt)
        write(opening.userAgent)
    }
}

extension FieldReader {
    fileprivate mutating func opening() throws(MalformedBytes) -> Session.Opening {
        Session.Opening(
            customer: try identifier(CustomerID.self),
            token: RefreshTokenDigest(family: try digest(), rotation: try digest()),
            expiresAt: try timestamp(), userAgent: try string())
    }

    fileprivate mutating func endReason() throws(MalformedBytes) -> Session.EndReason {
        switch try byte() {
        case 1: .loggedOut
        case 2: .revoked
        case 3: .passwordChanged
        case 4: .reuseDetected
        default: throw malformed("no such reason of a session's end")
        }
    }
}
