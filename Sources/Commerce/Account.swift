import EventSourcing

/// What somebody may do. The raw value is the name used on the wire.
public enum Role: String, Hashable, Sendable, CaseIterable {
    case customer
    case staff
    case admin
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
    /// nil until the account is registered.
    public package(set) var profile: Profile?

    public init(id: CustomerID) { self.id = id }

    public var email: EmailAddress? { profile?.email }
    public var role: Role? { profile?.role }

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
        case changePassword(PasswordHash)
        case grantRole(Role)
        case rename(firstName: String, lastName: String)
    }

    public enum Event: Sendable, Equatable {
        case registered(Registration, at: Timestamp)
        case passwordChanged(PasswordHash)
        case roleGranted(Role)
        case renamed(firstName: String, lastName: String)
    }

    public enum Refusal: Error, Sendable, Equatable {
        case notRegistered
        /// Another registration stands under this id.
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
        case .changePassword(let hash):
            try check(hash)
            return hash == profile.passwordHash ? [] : [.passwordChanged(hash)]
        case .grantRole(let role):
            return role == profile.role ? [] : [.roleGranted(role)]
        case .rename(let firstName, let lastName):
            try check(firstName, lastName)
            guard firstName != profile.firstName || lastName != profile.lastName else { return [] }
            return [.renamed(firstName: firstName, lastName: lastName)]
        }
    }

    private func register(_ registration: Registration, _ now: Timestamp) throws(Refusal) -> [Event] {
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
        }
    }
}
