import ActorSystem
import Commerce
import EventSourcing
import Schema

/// Accounts and sessions as clients see them: never a hash, a digest or a token.
extension JSONWriter {
    mutating func value(_ account: Versioned<Account>) {
        object { json in
            json.field("id", account.state.id)
            guard let profile = account.state.profile else { return }
            json.field("email", profile.email.description)
            json.field("first_name", profile.firstName)
            json.field("last_name", profile.lastName)
            json.field("role", profile.role.rawValue)
            json.field("registered_at", profile.registeredAt)
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

extension AccountRefusal: ProblemConvertible {
    public var problem: Problem {
        switch self {
        case .emailTaken: Problem(.emailTaken)
        case .passwordChanged: Problem(.invalidCredentials)
        case .blocked: Problem(.logInBlocked)
        case .sessionEnded: Problem(.invalidToken, "Its session has ended.")
        case .precondition(let problem): problem
        case .account(let refusal): refusal.problem
        case .session(let refusal): refusal.problem
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
