import EventSourcing

/// The public half of a key that a node signs access tokens with: by it every node knows that node's tokens.
///
/// A node publishes a key before it signs the first token with it. Once it has replaced the key it says when the last
/// of those tokens has ended; from then on the key is good for nothing.
public struct VerificationKey: Aggregate, Equatable {
    public let id: VerificationKeyID
    /// Nil before the key is published.
    public package(set) var publication: Publication?
    /// No token of the key is good from this moment on; nil while its node signs with it.
    public package(set) var endsAt: Timestamp?

    public init(id: VerificationKeyID) { self.id = id }

    /// How tokens are signed. The number stands in every log; it is never reused.
    public enum Algorithm: UInt8, Hashable, Sendable, CaseIterable {
        case es256 = 1
        case eddsa = 2

        /// Bytes of a public key: two coordinates of P-256, one point of Ed25519.
        public var publicKeyLength: Int {
            switch self {
            case .es256: 64
            case .eddsa: 32
            }
        }
    }

    /// What the other nodes have to know of a key.
    public struct Publication: Hashable, Sendable {
        /// The number of the node that has the private half.
        public let node: UInt64
        public let algorithm: Algorithm
        /// In its raw form.
        public let publicKey: [UInt8]

        /// nil when the algorithm has no public keys of that length.
        public init?(by node: UInt64, _ algorithm: Algorithm, _ publicKey: [UInt8]) {
            guard publicKey.count == algorithm.publicKeyLength else { return nil }
            self.node = node
            self.algorithm = algorithm
            self.publicKey = publicKey
        }
    }

    public enum Command: Sendable {
        /// Without effect where the key stands so already; an end that is set stays.
        case publish(Publication, endsAt: Timestamp?)
    }

    public enum Event: Sendable, Equatable {
        case published(Publication, endsAt: Timestamp?, at: Timestamp)
    }

    public func decide(_ command: Command, at now: Timestamp) throws(Never) -> [Event] {
        switch command {
        case .publish(let wanted, let end):
            let stands = publication == wanted && (end == nil) == (endsAt == nil)
            return stands ? [] : [.published(wanted, endsAt: end, at: now)]
        }
    }

    public mutating func apply(_ event: Event) {
        switch event {
        case .published(let publication, let endsAt, _):
            self.publication = publication
            self.endsAt = endsAt
        }
    }
}

/// The thumbprint of a public key (RFC 7638), which tokens name as their `kid`.
///
/// All keys live on shard 0, so that one log tells of all of them.
public struct VerificationKeyID: AggregateID, Comparable {
    public let thumbprint: Digest256

    public init(_ thumbprint: Digest256) { self.thumbprint = thumbprint }

    public var slot: Slot { .catalogue }

    public func encode(into bytes: inout [UInt8]) { thumbprint.encode(into: &bytes) }

    public init?(encoded bytes: ArraySlice<UInt8>) {
        guard let thumbprint = Digest256(bytes) else { return nil }
        self.thumbprint = thumbprint
    }

    /// The first eight hexadecimal digits.
    public var description: String { thumbprint.description }

    public static func < (left: Self, right: Self) -> Bool {
        left.thumbprint.bytes.lexicographicallyPrecedes(right.thumbprint.bytes)
    }
}
