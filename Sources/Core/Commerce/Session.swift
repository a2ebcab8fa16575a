import EventSourcing

/// What is kept of a refresh token. The token itself holds the session's id and two random secrets of 128 bits or more.
///
/// The *family* secret is drawn at log-in and stands in every token of the session; the *rotation* secret is new each
/// time.
/// A client with the right family secret holds, or stole, a token that was really issued: if its rotation secret is
/// not the newest, the token was used before. So reuse is seen however old the token, with two digests of state, and a
/// stranger who only knows the session's id can end nothing.
public struct RefreshTokenDigest: Hashable, Sendable {
    public let family: Digest256
    public let rotation: Digest256

    public init(family: Digest256, rotation: Digest256) {
        self.family = family
        self.rotation = rotation
    }
}

/// One log-in: a family of refresh tokens, each good for one use.
///
/// Source: RFC 9700 (OAuth 2.0 security), 4.14.2, refresh token rotation.
public struct Session: Aggregate, Equatable {
    public let id: SessionID
    /// nil until the session is opened.
    public package(set) var opening: Opening?
    public package(set) var openedAt: Timestamp?
    /// The rotation secret that is good now.
    public package(set) var rotation: Digest256?
    /// How often the token has been rotated.
    public package(set) var generation: UInt64 = 0
    /// When the token was last rotated, or the session opened.
    public package(set) var lastSeenAt: Timestamp?
    /// The client that rotated it, as a digest; nil before the first rotation.
    public package(set) var lastClient: Digest256?
    /// Whether the last rotation has been answered a second time.
    public package(set) var isRepeated = false
    public package(set) var ended: Ending?

    public init(id: SessionID) { self.id = id }

    public var customer: CustomerID? { opening?.customer }

    /// Whether its tokens are good at `now`.
    public func isOpen(at now: Timestamp) -> Bool {
        ended == nil && opening.map { now < $0.expiresAt } ?? false
    }

    public struct Opening: Hashable, Sendable {
        public let customer: CustomerID
        public let token: RefreshTokenDigest
        /// The last token of the family is good until then; rotation does not move it.
        public let expiresAt: Timestamp
        /// At most `userAgentLengthMax` characters; the caller cuts it.
        public let userAgent: String
        /// The number of the account's epoch in which it was opened.
        public let epoch: UInt64

        public init(
            customer: CustomerID, token: RefreshTokenDigest, expiresAt: Timestamp, userAgent: String, epoch: UInt64 = 0
        ) {
            self.customer = customer
            self.token = token
            self.expiresAt = expiresAt
            self.userAgent = userAgent
            self.epoch = epoch
        }
    }

    public struct Ending: Hashable, Sendable {
        public let reason: EndReason
        public let at: Timestamp

        public init(reason: EndReason, at: Timestamp) {
            self.reason = reason
            self.at = at
        }
    }

    /// The raw value is the name used on the wire.
    public enum EndReason: String, Hashable, Sendable, CaseIterable {
        case loggedOut = "logged_out"
        /// From another session of the same customer, or by staff.
        case revoked
        case passwordChanged = "password_changed"
        case reuseDetected = "reuse_detected"
    }

    public enum Command: Sendable {
        case open(Opening)
        /// Uses up the presented token for one with a new rotation secret.
        ///
        /// A client whose answer was lost may ask again within `repeatWindow`, once: the event is `repeated`, and the
        /// replacement is the one that stands. `replacement` must be made of the presented token alone, so that it is
        /// the same each time. Any other token used before ends the session: the event `ended(.reuseDetected)` is
        /// decided instead of `rotated`, and the caller must look which it was.
        case rotate(presented: RefreshTokenDigest, replacement: Digest256, client: Digest256)
        /// Without effect when the session has ended.
        case end(EndReason)
    }

    public enum Event: Sendable, Equatable {
        case opened(Opening, at: Timestamp)
        case rotated(Digest256, by: Digest256?, at: Timestamp)
        /// The last rotation was answered again, to the client that made it.
        case repeated(at: Timestamp)
        case ended(EndReason, at: Timestamp)
    }

    public enum Refusal: Error, Sendable, Equatable {
        case notOpened
        /// Another opening stands under this id.
        case alreadyOpened
        case hasEnded(EndReason)
        case hasExpired
        /// The token was never issued in this session.
        case tokenNotOfFamily
        case userAgentTooLong
        /// The expiry is not after the time of the log.
        case expiryPassed
    }

    /// Enough to tell one's browsers apart.
    public static let userAgentLengthMax = 256
    /// For so long after a rotation its answer may be lost, or two pages of one client be at it at once.
    public static let repeatWindow: Duration = .seconds(10)
    /// A session stays on record this long after its expiry, for the holder who asks what happened.
    public static let retention: Duration = .seconds(7 * 86_400)

    public func decide(_ command: Command, at now: Timestamp) throws(Refusal) -> [Event] {
        if case .open(let opening) = command { return try open(opening, now) }
        guard let opening else { throw .notOpened }
        switch command {
        case .open:
            return []
        case .rotate(let presented, let replacement, let client):
            return try rotate(presented, replacement, client, opening, now)
        case .end(let reason):
            return ended == nil ? [.ended(reason, at: now)] : []
        }
    }

    private func open(_ opening: Opening, _ now: Timestamp) throws(Refusal) -> [Event] {
        guard self.opening == nil else {
            guard self.opening == opening else { throw .alreadyOpened }
            return []
        }
        guard opening.userAgent.isText(0...Self.userAgentLengthMax) else { throw .userAgentTooLong }
        guard opening.expiresAt > now else { throw .expiryPassed }
        return [.opened(opening, at: now)]
    }

    private func rotate(
        _ presented: RefreshTokenDigest, _ replacement: Digest256, _ client: Digest256, _ opening: Opening,
        _ now: Timestamp
    ) throws(Refusal) -> [Event] {
        guard presented.family == opening.token.family else { throw .tokenNotOfFamily }
        if let ended { throw .hasEnded(ended.reason) }
        guard now < opening.expiresAt else { throw .hasExpired }
        if presented.rotation == rotation { return [.rotated(replacement, by: client, at: now)] }
        // The token of the last rotation is the only one whose replacement is the token that is good now.
        guard replacement == rotation, client == lastClient, !isRepeated, let lastSeenAt,
            now.since(lastSeenAt) <= Self.repeatWindow
        else { return [.ended(.reuseDetected, at: now)] }
        return [.repeated(at: now)]
    }

    public mutating func apply(_ event: Event) {
        switch event {
        case .opened(let opening, let now):
            self.opening = opening
            openedAt = now
            lastSeenAt = now
            rotation = opening.token.rotation
        case .rotated(let replacement, let client, let now):
            rotation = replacement
            generation += 1
            lastSeenAt = now
            lastClient = client
            isRepeated = false
        case .repeated: isRepeated = true
        case .ended(let reason, let now):
            ended = Ending(reason: reason, at: now)
        }
    }
}
