import EventSourcing

/// One idempotency key of one caller: which request it stands for, and where that request's answer is found.
///
/// It is claimed in the record of the effect it stands for, so that a retry finds either both or neither.
public struct IdempotencyKey: Aggregate, Equatable {
    public let id: IdempotencyKeyID
    /// nil until a request claims the key, and again once it is released.
    public package(set) var claim: Claim?

    public init(id: IdempotencyKeyID) { self.id = id }

    /// What the key stands for.
    public struct Claim: Hashable, Sendable {
        /// The digest of the request; another request under the same key is refused.
        public let fingerprint: Digest256
        public let subject: Subject
        /// From this moment of the log the key may be claimed anew.
        public let expiresAt: Timestamp

        public init(fingerprint: Digest256, subject: Subject, expiresAt: Timestamp) {
            self.fingerprint = fingerprint
            self.subject = subject
            self.expiresAt = expiresAt
        }
    }

    public enum Subject: Hashable, Sendable {
        /// The order itself: its `firstAnswer` to the request that placed it, and as it stands to one that changed it.
        case order(OrderID)
        /// The answer itself: HTTP status, `Location`, and at most `answerBytesMax` of body.
        case answer(status: UInt16, location: String?, body: [UInt8])
        /// The effect lives on another shard than its sender, with a key of the same digest beside it at this slot:
        /// that one has the answer. This one says that the sender has used the key up.
        case elsewhere(Slot)
    }

    public enum Command: Sendable {
        /// Without effect when the same fingerprint stands: the caller answers from `claim`.
        case claim(fingerprint: Digest256, subject: Subject, expiresAt: Timestamp)
        /// Frees the key: its request had no effect and may be tried anew. Without effect when it is free.
        case release
    }

    public enum Event: Sendable, Equatable {
        case claimed(Claim)
        case released
    }

    /// What the key stands for at `now`; nil when it is free.
    public func standing(at now: Timestamp) -> Claim? {
        claim.flatMap { now < $0.expiresAt ? $0 : nil }
    }

    public enum Refusal: Error, Sendable, Equatable {
        /// The key stands for a request with another fingerprint.
        case otherRequest
        /// The answer is larger than `answerBytesMax`, or its location longer than `locationBytesMax`.
        case answerTooLarge
        /// The expiry is not after the time of the log.
        case expiryPassed
    }

    /// The largest answer of a route that creates something, with room to spare.
    public static let answerBytesMax = 64 * 1_024
    /// A path within the gateway.
    public static let locationBytesMax = 1_024

    public func decide(_ command: Command, at now: Timestamp) throws(Refusal) -> [Event] {
        switch command {
        case .claim(let fingerprint, let subject, let expiresAt):
            try claim(Claim(fingerprint: fingerprint, subject: subject, expiresAt: expiresAt), now)
        case .release:
            claim == nil ? [] : [.released]
        }
    }

    private func claim(_ wanted: Claim, _ now: Timestamp) throws(Refusal) -> [Event] {
        if let claim = standing(at: now) {
            guard claim.fingerprint == wanted.fingerprint else { throw .otherRequest }
            return []
        }
        guard wanted.expiresAt > now else { throw .expiryPassed }
        if case .answer(_, let location, let body) = wanted.subject {
            guard body.count <= Self.answerBytesMax, (location?.utf8.count ?? 0) <= Self.locationBytesMax else {
                throw .answerTooLarge
            }
        }
        return [.claimed(wanted)]
    }

    public mutating func apply(_ event: Event) {
        switch event {
        case .claimed(let claim): self.claim = claim
        case .released: claim = nil
        }
    }
}

/// Names an idempotency key: the digest of its scope (whose key, which route) and its text, with the caller's slot.
public struct IdempotencyKeyID: AggregateID {
    public let slot: Slot
    public let digest: Digest256

    public init(slot: Slot, digest: Digest256) {
        self.slot = slot
        self.digest = digest
    }

    /// By a part of the digest, which is as random as the whole.
    public func hash(into hasher: inout Hasher) { hasher.combine(digest.words[0]) }

    /// The slot in two bytes, big-endian, then the digest.
    public func encode(into bytes: inout [UInt8]) {
        bytes.append(UInt8(slot.rawValue >> 8))
        bytes.append(UInt8(truncatingIfNeeded: slot.rawValue))
        digest.encode(into: &bytes)
    }

    public init?(encoded bytes: ArraySlice<UInt8>) {
        guard bytes.count == 2 + Digest256.byteCount, let slot = Slot(bigEndian: bytes.prefix(2)),
            let digest = Digest256(bytes.dropFirst(2))
        else { return nil }
        self.init(slot: slot, digest: digest)
    }

    public var description: String { "key_\(digest)" }
}

extension Slot {
    /// Reads a slot out of two bytes; nil when it is none.
    init?(bigEndian bytes: ArraySlice<UInt8>) {
        let value = bytes.reduce(0) { $0 << 8 | UInt16($1) }
        guard bytes.count == 2, value < Slot.count else { return nil }
        self.init(value)
    }
}
