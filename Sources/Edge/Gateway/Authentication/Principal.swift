import Accounts
import EventSourcing

/// Who asks, out of a verified access token.
public struct Principal: Equatable, Sendable {
    /// What a credential allows; each role includes the ones before it.
    public enum Role: String, CaseIterable, Comparable, Sendable {
        /// Of no account: see `Guest`.
        case guest
        case customer, staff, admin

        private var rank: Int {
            switch self {
            case .guest: 0
            case .customer: 1
            case .staff: 2
            case .admin: 3
            }
        }

        public static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }
    }

    /// The customer's id in text, or the guest's; the token's `sub`.
    public let subject: String
    public let role: Role
    /// The session's id in text; the token's `sid`. A guest has no session, and its own id stands there.
    public let sessionID: String
    /// The account's session epoch when the token was made; the token's `epoch`.
    public let epoch: UInt64
    public let expiresAt: Timestamp

    public init(subject: String, role: Role, sessionID: String, epoch: UInt64 = 0, expiresAt: Timestamp) {
        self.epoch = epoch
        self.subject = subject
        self.role = role
        self.sessionID = sessionID
        self.expiresAt = expiresAt
    }
}

extension EndedSessions {
    /// Whether a token of this holder is refused.
    func refuses(_ principal: Principal) -> Bool {
        refuses(session: principal.sessionID, of: principal.subject, epoch: principal.epoch)
    }
}
