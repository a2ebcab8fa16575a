import Commerce
import EventSourcing
import Wire

extension Account: Recorded {
    public static var kind: AggregateKind { AggregateKind(rawValue: 8) }

    public static func versionNeeded(for event: Event, of id: ID) -> ClusterVersion {
        if case .erased = event { .second } else { .first }
    }

    public static func encode(_ event: Event, into bytes: inout [UInt8]) {
        RecordWriter.append(to: &bytes) { writer in
            switch event {
            case .registered(let registration, let now):
                writer.writeHeader(1, schema: 1)
                writer.write(now)
                writer.write(registration)
            case .passwordChanged(let hash):
                writer.writeHeader(2, schema: 1)
                writer.write(hash.text)
            case .roleGranted(let role):
                writer.writeHeader(3, schema: 1)
                writer.write(role)
            case .renamed(let firstName, let lastName):
                writer.writeHeader(4, schema: 1)
                writer.write(firstName)
                writer.write(lastName)
            case .sessionsEnded(let reason, let kept, let now):
                writer.writeHeader(5, schema: 1)
                writer.write(now)
                writer.write(reason)
                writer.writeOptional(kept) { $0.write($1) }
            case .erased(let now):
                writer.writeHeader(6, schema: 1)
                writer.write(now)
            }
        }
    }

    public static func decodeEvent(_ bytes: ArraySlice<UInt8>) throws(MalformedBytes) -> Event {
        try FieldReader.event(of: "an account", bytes) { number, schema, fields throws(MalformedBytes) in
            switch (number, schema) {
            case (1, 1):
                let now = try fields.timestamp()
                return .registered(try fields.registration(), at: now)
            case (2, 1): return .passwordChanged(PasswordHash(try fields.string()))
            case (3, 1): return .roleGranted(try fields.role())
            case (4, 1): return .renamed(firstName: try fields.string(), lastName: try fields.string())
            case (5, 1):
                let now = try fields.timestamp()
                return .sessionsEnded(
                    try fields.endReason(), except: try fields.optionalIdentifier(SessionID.self), at: now)
            case (6, 1): return .erased(at: try fields.timestamp())
            default: return nil
            }
        }
    }

    public func encodeState(into bytes: inout [UInt8]) {
        // As before for as long as nothing has ended all sessions.
        let schema: UInt8 = isErased ? 3 : sessions == .first ? 1 : 2
        RecordWriter.appendState(to: &bytes, schema: schema) { writer in
            writer.writeOptional(profile) { writer, profile in
                writer.write(profile.registeredAt)
                writer.write(profile.registration)
            }
            guard schema > 1 else { return }
            writer.writeVarint(sessions.number)
            writer.writeOptional(sessions.kept) { $0.write($1) }
            writer.writeOptional(sessions.began)
        }
    }

    public static func decodeState(_ bytes: ArraySlice<UInt8>, id: CustomerID) throws(MalformedBytes) -> Account {
        try FieldReader.state(of: "an account", bytes, newest: 3, into: Account(id: id)) {
            account, schema, fields throws(MalformedBytes) in
            if try fields.bool() {
                let registeredAt = try fields.timestamp()
                account.profile = Profile(try fields.registration(), at: registeredAt)
            }
            account.isErased = schema > 2
            guard schema > 1 else { return }
            account.sessions = SessionEpoch(
                number: try fields.varint(), kept: try fields.optionalIdentifier(SessionID.self),
                began: try fields.optionalTimestamp())
        }
    }
}

extension Account.Profile {
    /// The profile as if it had been registered as it is now.
    fileprivate var registration: Account.Registration {
        Account.Registration(
            email: email, firstName: firstName, lastName: lastName, passwordHash: passwordHash, role: role)
    }
}

extension Role {
    fileprivate var number: UInt8 {
        switch self {
        case .customer: 1
        case .staff: 2
        case .admin: 3
        }
    }
}

extension RecordWriter {
    package mutating func write(_ registration: Account.Registration) {
        write(registration.email.description)
        write(registration.firstName)
        write(registration.lastName)
        write(registration.passwordHash.text)
        write(registration.role)
    }

    package mutating func write(_ role: Role) { append(role.number) }
}

extension FieldReader {
    /// - Parameter isBounded: of what travels, longer texts than the rules take are refused.
    package mutating func registration(isBounded: Bool = false) throws(MalformedBytes) -> Account.Registration {
        let nameBytesMax = isBounded ? 4 * Account.nameLengthMax : .max
        let hashBytesMax = isBounded ? Account.passwordHashBytesMax : .max
        return Account.Registration(
            email: try email(), firstName: try string(bytesMax: nameBytesMax),
            lastName: try string(bytesMax: nameBytesMax),
            passwordHash: PasswordHash(try string(bytesMax: hashBytesMax)), role: try role())
    }

    package mutating func role() throws(MalformedBytes) -> Role {
        switch try byte() {
        case 1: .customer
        case 2: .staff
        case 3: .admin
        default: throw malformed("no such role")
        }
    }
}
