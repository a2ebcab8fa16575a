import ActorSystem
import Commerce
import EventSourcing
import Schema
import Steps
import Wire

/// Registers an account and the name that it logs in with, once for each key.
public struct RegisterAccount: KeyedStep {
    /// At the slot of the e-mail address.
    public let id: CustomerID
    public let registration: Account.Registration
    /// Where the password was typed; nil for an account that is made beside a node.
    public let origin: LogInOrigin?
    public let key: StepKey?

    public init(
        _ id: CustomerID, _ registration: Account.Registration, from origin: LogInOrigin? = nil, key: StepKey? = nil
    ) {
        self.id = id
        self.registration = registration
        self.origin = origin
        self.key = key
    }

    public static var number: StepNumber { StepNumber(rawValue: 9) }
    public var slot: Slot { id.slot }

    public func run(in batch: Batch) throws(AccountRefusal) -> RegistrationAnswer {
        if let kept = try kept(in: batch) { return RegistrationAnswer(kept) }
        do throws(EmailClaim.Refusal) {
            try batch.decide(EmailClaim.self, registration.email, .claim(id))
        } catch { throw .emailTaken }
        do throws(Account.Refusal) {
            try batch.decide(Account.self, id, .register(registration))
        } catch { throw .account(error) }
        if let origin { try batch.recordLogIn(to: id, from: origin) }
        guard let account = RegisteredAccount(batch.read(Account.self, id).state) else {
            preconditionFailure("an account that has just been registered has a profile")
        }
        batch.keep(KeptAnswer.bytes { $0.write(account) }, under: key)
        return .registered(account, isRepeated: false)
    }
}

/// What is told of an account: everything but the hash of its password.
public struct RegisteredAccount: Sendable, Hashable {
    public let id: CustomerID
    public let email: EmailAddress
    public let firstName: String
    public let lastName: String
    public let role: Role
    public let registeredAt: Timestamp

    /// Nil for an account that is not registered.
    public init?(_ account: Account) {
        guard let profile = account.profile else { return nil }
        self.init(
            id: account.id, email: profile.email, firstName: profile.firstName, lastName: profile.lastName,
            role: profile.role, registeredAt: profile.registeredAt)
    }

    init(
        id: CustomerID, email: EmailAddress, firstName: String, lastName: String, role: Role, registeredAt: Timestamp
    ) {
        self.id = id
        self.email = email
        self.firstName = firstName
        self.lastName = lastName
        self.role = role
        self.registeredAt = registeredAt
    }
}

/// What a registration is answered.
public enum RegistrationAnswer: WireCodable, Hashable {
    /// The account as it was registered; `isRepeated` when the key had kept it.
    case registered(RegisteredAccount, isRepeated: Bool)
    /// As the gateway of an earlier version wrote it into the key: JSON, and where the account is found.
    case document([UInt8], location: String?)

    init(_ kept: KeptAnswer) {
        guard !kept.isDocument else {
            self = .document(kept.body, location: kept.location)
            return
        }
        self = .registered(
            kept.value { fields throws(MalformedBytes) in try fields.registeredAccount() }, isRepeated: true)
    }

    /// Whether the account had been registered before, under the same key.
    public var isRepeated: Bool {
        switch self {
        case .registered(_, let isRepeated): isRepeated
        case .document: true
        }
    }
}

// MARK: - Bytes

extension RegisterAccount {
    public func encode(into bytes: inout [UInt8]) {
        RecordWriter.append(to: &bytes) { writer in
            writer.write(id)
            writer.write(registration)
            writer.writeOptional(origin) { $0.write($1) }
            writer.writeOptional(key)
        }
    }

    public init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        self = try FieldReader.whole(bytes) { fields throws(MalformedBytes) in
            RegisterAccount(
                try fields.identifier(CustomerID.self), try fields.registration(isBounded: true),
                from: try fields.optional { f throws(MalformedBytes) in try f.logInOrigin() },
                key: try fields.optionalStepKey())
        }
    }
}

extension RegistrationAnswer {
    public func encode(into bytes: inout [UInt8]) {
        RecordWriter.append(to: &bytes) { writer in
            switch self {
            case .registered(let account, let isRepeated):
                writer.append(isRepeated ? 2 : 1)
                writer.write(account)
            case .document(let text, let location):
                writer.append(3)
                writer.write(text)
                writer.writeOptional(location)
            }
        }
    }

    public init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        self = try FieldReader.whole(bytes) { fields throws(MalformedBytes) in
            switch try fields.byte() {
            case 1: .registered(try fields.registeredAccount(), isRepeated: false)
            case 2: .registered(try fields.registeredAccount(), isRepeated: true)
            case 3:
                .document(
                    try fields.blob(bytesMax: IdempotencyKey.answerBytesMax),
                    location: try fields.optionalString(bytesMax: IdempotencyKey.locationBytesMax))
            default: throw fields.malformed("no such answer to a registration")
            }
        }
    }
}

extension RecordWriter {
    fileprivate mutating func write(_ account: RegisteredAccount) {
        write(account.id)
        write(account.email.description)
        write(account.firstName)
        write(account.lastName)
        write(account.role)
        write(account.registeredAt)
    }
}

extension FieldReader {
    fileprivate mutating func registeredAccount() throws(MalformedBytes) -> RegisteredAccount {
        RegisteredAccount(
            id: try identifier(CustomerID.self), email: try email(),
            firstName: try string(bytesMax: 4 * Account.nameLengthMax),
            lastName: try string(bytesMax: 4 * Account.nameLengthMax), role: try role(),
            registeredAt: try timestamp())
    }
}
