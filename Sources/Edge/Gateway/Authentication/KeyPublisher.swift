import Accounts
import ActorSystem
import Commerce
import EventSourcing
import Logging
import ServiceLifecycle

/// Tells all nodes of the keys that this node signs tokens with, and only then signs with them: at the start, and each
/// time that a key is replaced while the node runs.
public struct KeyPublisher: Service {
    /// After so long another key signs.
    static let keyLifeMax = Duration.seconds(30 * 86_400)
    /// How often the age of the key is looked at.
    private static let interval = Duration.seconds(60)
    /// Before a shard without a leader is asked again.
    private static let retryPause = Duration.milliseconds(100)

    let directory: String
    /// The number of this node.
    let node: UInt64
    let shards: ShardMap
    let identity: Identity
    let clock: @Sendable () -> Timestamp
    let logger: Logger

    /// - Parameter directory: of the node's key files.
    public init(
        directory: String, node: UInt64, shards: ShardMap, identity: Identity,
        clock: @escaping @Sendable () -> Timestamp, logger: Logger
    ) {
        self.directory = directory
        self.node = node
        self.shards = shards
        self.identity = identity
        self.clock = clock
        self.logger = logger
    }

    /// Looks after the age of the key until the node shuts down.
    public func run() async throws {
        try await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do { try await Task.sleep(for: Self.interval) } catch { return }
                try await look()
            }
        }
    }

    /// Publishes the keys of this node and begins to sign. Waits for as long as the shard has no leader.
    ///
    /// - Throws: `TokenKeyRing.Failure`, or `CancellationError`.
    public func publish() async throws { try await publish(TokenKeyRing.open(directory: directory, now: clock())) }

    /// Replaces a key that is too old, and signs with the newest that there is.
    func look() async throws {
        var ring = try TokenKeyRing.open(directory: directory, now: clock())
        if let since = ring.signingSince, clock().since(since) > Self.keyLifeMax {
            try TokenKeyRing.rotate(directory: directory, now: clock(), tokenLifetime: identity.keyLife)
            ring = try TokenKeyRing.open(directory: directory, now: clock())
        }
        if ring.signing.id != identity.issuer.signing { try await publish(ring) }
    }

    func publish(_ ring: TokenKeyRing) async throws {
        try await publish(ring.signing.publicKey, endsAt: nil)
        await identity.issuer.sign(with: ring.signing)
        // From here on no other key of this node signs: the last token of each ends within a token's life.
        await identity.credentials.catchUp(on: .catalogue)
        let now = clock()
        let (end, published) = (now + identity.keyLife, identity.credentials.keys.all(now: now))
        for key in ring.keys.dropFirst().map(\.publicKey) {
            if !published.contains(where: { $0.id == key.verificationID }) { try await publish(key, endsAt: end) }
        }
        for key in published where key.endsAt == nil && key.id != ring.signing.publicKey.verificationID {
            guard let publication = key.publication, publication.node == node else { continue }
            try await run(PublishVerificationKey(key.id, publication, endsAt: end))
        }
        logger.info("Tokens are signed with a key of this node", metadata: ["kid": "\(ring.signing.id)"])
    }

    /// Says of the keys of another node, which has left, when the last of their tokens ends: it signs no more.
    ///
    /// - Throws: `ExecutionFailure`, when it may be asked for again.
    public func retire(keysOf other: UInt64) async throws {
        await identity.credentials.catchUp(on: .catalogue)
        let now = clock()
        for key in identity.credentials.keys.all(now: now) where key.endsAt == nil {
            guard let publication = key.publication, publication.node == other else { continue }
            let step = PublishVerificationKey(key.id, publication, endsAt: now + identity.keyLife)
            _ = try await shards.run(step, at: now)
        }
    }

    private func publish(_ key: TokenPublicKey, endsAt: Timestamp?) async throws {
        guard let publication = key.publication(by: node) else { preconditionFailure("a key has its length") }
        try await run(PublishVerificationKey(key.verificationID, publication, endsAt: endsAt))
    }

    private func run(_ step: PublishVerificationKey) async throws {
        while true {
            do throws(ExecutionFailure) {
                _ = try await shards.run(step, at: clock())
                return
            } catch {
                logger.debug("A key cannot be published yet", metadata: ["error": "\(error)"])
            }
            try await Task.sleep(for: Self.retryPause)
        }
    }
}
