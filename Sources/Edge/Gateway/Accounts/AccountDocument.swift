import Accounts
import Commerce
import HTTPTypes
import Hummingbird
import Steps

/// Accounts and sessions as clients see them: never a hash, a digest or a token.
extension JSONWriter {
    mutating func value(_ account: RegisteredAccount) {
        object { json in
            json.field("id", account.id)
            json.field("email", account.email.description)
            json.field("first_name", account.firstName)
            json.field("last_name", account.lastName)
            json.field("role", account.role.rawValue)
            json.field("registered_at", account.registeredAt)
        }
    }

    /// - Parameter current: the session that asks.
    mutating func value(_ session: Session, current: SessionID?) {
        object { json in
            json.field("id", session.id)
            json.field("current", session.id == current)
            json.field("user_agent", session.opening?.userAgent)
            json.field("opened_at", session.openedAt)
            json.field("last_seen_at", session.lastSeenAt)
            json.field("expires_at", session.opening?.expiresAt)
        }
    }
}

extension Response {
    init(_ answer: RegistrationAnswer) {
        var json = JSONWriter()
        var headers = HTTPFields()
        switch answer {
        case .registered(let account, _):
            json.value(account)
            headers[.location] = "/api/v1/accounts/\(account.id)"
        case .document(let text, let location):
            json.raw(text)
            headers[.location] = location
        }
        if answer.isRepeated { headers[.idempotentReplayed] = "true" }
        self.init(status: .created, headers: headers, json: json)
    }
}

extension AccountRefusal: ProblemConvertible {
    public var problem: Problem {
        switch self {
        case .keyReused: KeyReused().problem
        case .emailTaken: Problem(.emailTaken)
        case .passwordChanged: Problem(.invalidCredentials)
        case .blocked: Problem(.logInBlocked)
        case .sessionEnded: Problem(.invalidToken, "Its session has ended.")
        case .condition(let failure): failure.problem
        case .account(let refusal): refusal.problem
        case .session(let refusal): refusal.problem
        case .orderUnderWay(let id):
            Problem(.conflict, "Order \(id) is under way, and the shop has to know where it goes: cancel it, or wait.")
        }
    }
}

extension Account.Refusal: ProblemConvertible {
    public var problem: Problem {
        switch self {
        case .notRegistered: Problem(.notFound)
        case .alreadyRegistered: Problem(.alreadyExists)
        case .invalidFirstName: .field("/first_name", "is too long or has control characters")
        case .invalidLastName: .field("/last_name", "is too long or has control characters")
        case .invalidPasswordHash: Problem(.internalError)
        case .isAdministrator: Problem(.forbidden, "An administrator's account is not erased.")
        }
    }
}

extension Session.Refusal: ProblemConvertible {
    public var problem: Problem {
        switch self {
        case .notOpened: Problem(.notFound)
        case .alreadyOpened: Problem(.alreadyExists)
        case .hasEnded, .hasExpired, .tokenNotOfFamily: Problem(.invalidRefreshToken)
        case .userAgentTooLong, .expiryPassed: Problem(.internalError)
        }
    }
}

extension Principal.Role {
    init(_ role: Role) {
        switch role {
        case .customer: self = .customer
        case .staff: self = .staff
        case .admin: self = .admin
        }
    }
}
