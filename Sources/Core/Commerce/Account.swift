import EventSourcing

/// What a caller may do. The raw value is the name used on the wire.
public enum Role: String, Hashable, Sendable, CaseIterable, Comparable {
    case customer
    case staff
    case admin

    /// Each role may do what those before it may.
    private var rank: Int {
        switch self {
        case .customer: 0
        case .staff: 1
        case .admin: 2
        }
    }

    public static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }
}

/// A stretch of an account's life between two moments at which all its sessions ended. A session belongs to the epoch
/// in which it was opened, and is good for as long as that lasts: one event ends them all, however many there are.
public struct SessionEpoch: Hashable, Sendable {
    /// How often all sessions have ended before it.
    public let number: UInt64
    /// The session of before that was kept.
    public let kept: SessionID?
    /// When it began; nil for the first, which began with the account.
    public let began: Timestamp?

    public static let first = SessionEpoch(number: 0, kept: nil, began: nil)

    public init(number: UInt64, kept: SessionID?, began: Timestamp?) {
        self.number = number
        self.kept = kept
        self.began = began
    }
}

/// A password's salted hash with its parameters, as the shell made it. It prints as nothing.
public struct PasswordHash: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
    public let text: String
    public init(_ text: String) { self.text = text }
    public var description: String { "(password hash)" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// A person who can log in: a customer or a member of staff.
public struct Account: Aggregate, Equatable {
    public let id: CustomerID
    /// nil until the account is registered, and again once it is erased.
    public package(set) var profile: Profile?
    /// The epoch that a session must belong to.
    public package(set) var sessions = SessionEpoch.first
    /// Whether its holder has had it erased. No account is registered under the id again.
    public package(set) var isErased = false

    public init(id: CustomerID) { self.id = id }

    public var email: EmailAddress? { profile?.email }
    public var role: Role? { profile?.role }

    /// Whether nothing has ended all sessions since `session` was opened, or it was kept.
    public func admits(_ session: Session) -> Bool {
        session.opening.map { $0.epoch == sessions.number || session.id == sessions.kept } ?? false
    }

    public struct Profile: Hashable, Sendable {
        public let email: EmailAddress
        public package(set) var firstName: String
        public package(set) var lastName: String
        public package(set) var passwordHash: PasswordHash
        public package(set) var role: Role
        public let registeredAt: Timestamp

        package init(_ registration: Registration, at now: Timestamp) {
            email = registration.email
            firstName = registration.firstName
            lastName = registration.lastName
            passwordHash = registration.passwordHash
            role = registration.role
            registeredAt = now
        }
    }

    public struct Registration: Hashable, Sendable {
        public let email: EmailAddress
        /// 0 to `nameLengthMax` characters, as the last name.
        public let firstName: String
        public let lastName: String
        public let passwordHash: PasswordHash
        public let role: Role

        public init(
            email: EmailAddress, firstName: String, lastName: String, passwordHash: PasswordHash, role: Role = .customer
        ) {
            self.email = email
            self.firstName = firstName
            self.lastName = lastName
            self.passwordHash = passwordHash
            self.role = role
        }
    }

    public enum Command: Sendable {
        case register(Registration)
        /// Ends all sessions but the one that is kept.
        case changePassword(PasswordHash, keeping: SessionID?)
        /// Ends all sessions when the account may do less than before: their tokens say too much.
        case grantRole(Role)
        case rename(firstName: String, lastName: String)
        /// Ends the account: who its holder was is told no more.
        case erase
    }

    public enum Event: Sendable, Equatable {
        case registered(Registration, at: Timestamp)
        case passwordChanged(PasswordHash)
        case roleGranted(Role)
        case renamed(firstName: String, lastName: String)
        /// All sessions that were open, but one.
        case sessionsEnded(Session.EndReason, except: SessionID?, at: Timestamp)
        case erased(at: Timestamp)
    }

    public enum Refusal: Error, Sendable, Equatable {
        case notRegistered
        /// An administrator is not erased: there may be no other. Another one takes the role away first.
        case isAdministrator
        /// Another registration stands under this id, or stood until it was erased.
        case alreadyRegistered
        case invalidFirstName
        case invalidLastName
        case invalidPasswordHash
    }

    /// Long enough for every name on a passport.
    public static let nameLengthMax = 100
    /// Several times the longest encoded hash of the schemes in use.
    public static let passwordHashBytesMax = 512

    public func decide(_ command: Command, at now: Timestamp) throws(Refusal) -> [Event] {
        if case .register(let registration) = command { return try register(registration, now) }
        guard let profile else { throw .notRegistered }
        switch command {
        case .register:
            return []
        case .changePassword(let hash, let kept):
            try check(hash)
            guard hash != profile.passwordHash else { return [] }
            return [.passwordChanged(hash), .sessionsEnded(.passwordChanged, except: kept, at: now)]
        case .grantRole(let role):
            guard role != profile.role else { return [] }
            guard role < profile.role else { return [.roleGranted(role)] }
            return [.roleGranted(role), .sessionsEnded(.revoked, except: nil, at: now)]
        case .rename(let firstName, let lastName):
            try check(firstName, lastName)
            guard firstName != profile.firstName || lastName != profile.lastName else { return [] }
            return [.renamed(firstName: firstName, lastName: lastName)]
        case .erase:
            guard profile.role != .admin else { throw .isAdministrator }
            return [.sessionsEnded(.revoked, except: nil, at: now), .erased(at: now)]
        }
    }

    private func register(_ registration: Registration, _ now: Timestamp) throws(Refusal) -> [Event] {
        guard !isErased else { throw .alreadyRegistered }
        if let profile {
            guard profile == Profile(registration, at: profile.registeredAt) else { throw .alreadyRegistered }
            return []
        }
        try check(registration.firstName, registration.lastName)
        try check(registration.passwordHash)
        return [.registered(registration, at: now)]
    }

    private func check(_ firstName: String, _ lastName: String) throws(Refusal) {
        guard firstName.isText(0...Self.nameLengthMax) else { throw .invalidFirstName }
        guard lastName.isText(0...Self.nameLengthMax) else { throw .invalidLastName }
    }

    private func check(_ hash: PasswordHash) throws(Refusal) {
        guard (1...Self.passwordHashBytesMax).contains(hash.text.utf8.count) else { throw .invalidPasswordHash }
    }

    public mutating func apply(_ event: Event) {
        switch event {
        case .registered(let registration, let now): profile = Profile(registration, at: now)
        case .passwordChanged(let hash): profile!.passwordHash = hash
        case .roleGranted(let role): profile!.role = role
        case .renamed(let firstName, let lastName):
            profile!.firstName = firstName
            profile!.lastName = lastName
        case .sessionsEnded(_, let kept, let now):
            sessions = SessionEpoch(number: sessions.number + 1, kept: kept, began: now)
        case .erased:
            profile = nil
            isErased = true
        }
    }
}
