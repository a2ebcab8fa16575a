import ActorSystem
import Commerce
import EventSourcing
import Schema
import Steps
import Wire

/// Why an account or a session was not changed.
public enum AccountRefusal: KeyedRefusal, Equatable {
    /// The key stands for another request.
    case keyReused
    case emailTaken
    /// The password is no longer the one that was checked.
    case passwordChanged
    /// Too many wrong passwords came from where this one did.
    case blocked
    /// The session that asks has ended.
    case sessionEnded
    /// The account is not what the caller's conditions name.
    case condition(ConditionFailure)
    case account(Account.Refusal)
    case session(Session.Refusal)
    /// The order has yet to reach its customer, and the shop has to know where.
    case orderUnderWay(OrderID)

    public var isKept: Bool {
        switch self {
        case .emailTaken, .account: true
        case .keyReused, .passwordChanged, .blocked, .sessionEnded, .condition, .session, .orderUnderWay: false
        }
    }
}

// MARK: - Bytes

extension AccountRefusal {
    public func encode(into bytes: inout [UInt8]) {
        RecordWriter.append(to: &bytes) { writer in
            switch self {
            case .keyReused: writer.append(1)
            case .emailTaken: writer.append(2)
            case .passwordChanged: writer.append(3)
            case .blocked: writer.append(4)
            case .sessionEnded: writer.append(5)
            case .condition(let failure):
                writer.append(6)
                writer.write(failure)
            case .account(let refusal):
                writer.append(7)
                writer.write(refusal)
            case .session(let refusal):
                writer.append(8)
                writer.write(refusal)
            case .orderUnderWay(let id):
                writer.append(9)
                writer.write(id)
            }
        }
    }

    public init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        self = try FieldReader.whole(bytes) { fields throws(MalformedBytes) in
            switch try fields.byte() {
            case 1: .keyReused
            case 2: .emailTaken
            case 3: .passwordChanged
            case 4: .blocked
            case 5: .sessionEnded
            case 6: .condition(try fields.conditionFailure())
            case 7: .account(try fields.accountRefusal())
            case 8: .session(try fields.sessionRefusal())
            case 9: .orderUnderWay(try fields.identifier(OrderID.self))
            default: throw fields.malformed("no such refusal of an account")
            }
        }
    }
}

extension RecordWriter {
    fileprivate mutating func write(_ refusal: Account.Refusal) {
        switch refusal {
        case .notRegistered: append(1)
        case .alreadyRegistered: append(2)
        case .invalidFirstName: append(3)
        case .invalidLastName: append(4)
        case .invalidPasswordHash: append(5)
        case .isAdministrator: append(6)
        }
    }

    fileprivate mutating func write(_ refusal: Session.Refusal) {
        switch refusal {
        case .notOpened: append(1)
        case .alreadyOpened: append(2)
        case .hasEnded(let reason):
            append(3)
            write(reason)
        case .hasExpired: append(4)
        case .tokenNotOfFamily: append(5)
        case .userAgentTooLong: append(6)
        case .expiryPassed: append(7)
        }
    }
}

extension FieldReader {
    fileprivate mutating func accountRefusal() throws(MalformedBytes) -> Account.Refusal {
        switch try byte() {
        case 1: .notRegistered
        case 2: .alreadyRegistered
        case 3: .invalidFirstName
        case 4: .invalidLastName
        case 5: .invalidPasswordHash
        case 6: .isAdministrator
        default: throw malformed("no such refusal of an account's rules")
        }
    }

    fileprivate mutating func sessionRefusal() throws(MalformedBytes) -> Session.Refusal {
        switch try byte() {
        case 1: .notOpened
        case 2: .alreadyOpened
        case 3: .hasEnded(try endReason())
        case 4: .hasExpired
        case 5: .tokenNotOfFamily
        case 6: .userAgentTooLong
        case 7: .expiryPassed
        default: throw malformed("no such refusal of a session")
        }
    }
}
