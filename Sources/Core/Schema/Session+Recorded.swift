import Commerce
import EventSourcing
import Wire

extension Session: Recorded {
    public static var kind: AggregateKind { AggregateKind(rawValue: 9) }

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
                writer.writeHeader(1, schema: opening.epoch == 0 ? 1 : 2)
                writer.write(now)
                writer.write(opening)
                if opening.epoch > 0 { writer.writeVarint(opening.epoch) }
            case .rotated(let replacement, let client, let now):
                writer.writeHeader(2, schema: client == nil ? 1 : 2)
                writer.write(now)
                writer.write(replacement)
                if let client { writer.write(client) }
            case .ended(let reason, let now):
                writer.writeHeader(3, schema: 1)
                writer.write(now)
                writer.write(reason)
            case .repeated(let now):
                writer.writeHeader(4, schema: 1)
                writer.write(now)
            }
        }
    }

    public static func decodeEvent(_ bytes: ArraySlice<UInt8>) throws(MalformedBytes) -> Event {
        try FieldReader.event(of: "a session", bytes) { number, schema, fields throws(MalformedBytes) in
            let now = try fields.timestamp()
            switch (number, schema) {
            case (1, 1): return .opened(try fields.opening(), at: now)
            case (1, 2):
                let opening = try fields.opening()
                return .opened(opening.in(epoch: try fields.varint()), at: now)
            case (2, 1): return .rotated(try fields.digest(), by: nil, at: now)
            case (2, 2): return .rotated(try fields.digest(), by: try fields.digest(), at: now)
            case (3, 1): return .ended(try fields.endReason(), at: now)
            case (4, 1): return .repeated(at: now)
            default: return nil
            }
        }
    }

    public func encodeState(into bytes: inout [UInt8]) {
        // As before for as long as it has nothing that the first schema does not hold.
        let schema: UInt8 = lastClient == nil && (opening?.epoch ?? 0) == 0 ? 1 : 2
        RecordWriter.appendState(to: &bytes, schema: schema) { writer in
            guard let opening, let openedAt, let rotation, let lastSeenAt else { return writer.write(false) }
            writer.write(true)
            writer.write(opening)
            writer.write(openedAt)
            writer.write(rotation)
            writer.writeVarint(generation)
            writer.write(lastSeenAt)
            writer.writeOptional(ended) { writer, ending in
                writer.write(ending.reason)
                writer.write(ending.at)
            }
            guard schema > 1 else { return }
            writer.writeVarint(opening.epoch)
            writer.writeOptional(lastClient) { $0.write($1) }
            writer.write(isRepeated)
        }
    }

    public static func decodeState(_ bytes: ArraySlice<UInt8>, id: SessionID) throws(MalformedBytes) -> Session {
        try FieldReader.state(of: "a session", bytes, newest: 2, into: Session(id: id)) {
            session, schema, fields throws(MalformedBytes) in
            if try fields.bool() {
                let opening = try fields.opening()
                session.opening = opening
                session.openedAt = try fields.timestamp()
                session.rotation = try fields.digest()
                session.generation = try fields.varint()
                session.lastSeenAt = try fields.timestamp()
                session.ended = try fields.optional { f throws(MalformedBytes) in
                    Ending(reason: try f.endReason(), at: try f.timestamp())
                }
                guard schema > 1 else { return }
                session.opening = opening.in(epoch: try fields.varint())
                session.lastClient = try fields.optional { f throws(MalformedBytes) in try f.digest() }
                session.isRepeated = try fields.bool()
            }
        }
    }
}

extension Session.Opening {
    fileprivate func `in`(epoch: UInt64) -> Session.Opening {
        Session.Opening(
            customer: customer, token: token, expiresAt: expiresAt, userAgent: userAgent, epoch: epoch)
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
    package mutating func write(_ reason: Session.EndReason) { append(reason.number) }

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

    package mutating func endReason() throws(MalformedBytes) -> Session.EndReason {
        switch try byte() {
        case 1: .loggedOut
        case 2: .revoked
        case 3: .passwordChanged
        case 4: .reuseDetected
        default: throw malformed("no such reason of a session's end")
        }
    }
}
