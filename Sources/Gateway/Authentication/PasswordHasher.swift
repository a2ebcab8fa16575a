import NIOPosix
import Synchronization

/// Hashes passwords on threads of its own, so that the engine never waits for one, and takes only so many at once.
public final class PasswordHasher: Sendable {
    public struct Configuration: Sendable {
        public var cost = ScryptCost.standard
        /// Hashes at the same time; each takes 128 MiB at the standard cost.
        public var threads = 1
        /// Waiting hashes. At half a second each, whoever is further back has given up.
        public var queueMax = 16

        public init() {}
    }

    public enum Refusal: Error, Equatable {
        /// Too many are waiting already.
        case busy
        /// What was stored is no hash of ours.
        case malformedHash
        /// libcrypto could not hash, which takes no memory left.
        case outOfMemory
        case passwordTooLong
    }

    private let configuration: Configuration
    private let threads: NIOThreadPool
    private let pending = Atomic<Int>(0)
    /// Stands in for the hash of an account that does not exist.
    private let nobody: PasswordHash

    public init(_ configuration: Configuration = Configuration()) {
        self.configuration = configuration
        nobody = PasswordHash(
            cost: configuration.cost, salt: .random(count: PasswordHash.saltLength),
            digest: .random(count: PasswordHash.digestLength))
        threads = NIOThreadPool(numberOfThreads: configuration.threads)
        threads.start()
    }

    /// Ends the threads when what they have begun is done.
    public func shutdown() async throws { try await threads.shutdownGracefully() }

    /// The hash to store for a new password. The password has passed ``PasswordPolicy``.
    public func hash(_ password: String) async throws(Refusal) -> PasswordHash {
        let bytes = try Self.bytes(of: password)
        let cost = configuration.cost
        let hash = try await perform {
            PasswordHash.compute(bytes, cost: cost, salt: .random(count: PasswordHash.saltLength))
        }
        guard let hash else { throw .outOfMemory }
        return hash
    }

    /// Whether the password is the one that was hashed.
    ///
    /// - Parameter stored: nil for an account that does not exist: the answer is no, after the same time.
    public func verify(_ password: String, against stored: String?) async throws(Refusal) -> Bool {
        let bytes = try Self.bytes(of: password)
        let parsed = stored.map(PasswordHash.init)
        if case .some(nil) = parsed { throw .malformedHash }
        let hash = parsed.flatMap { $0 } ?? nobody
        guard let matches = try await perform({ hash.matches(bytes) }) else { throw .outOfMemory }
        return matches && stored != nil
    }

    /// Whether a hash was made at another cost than today's, and should be made anew once the password is at hand.
    public func isOutdated(_ stored: String) -> Bool { PasswordHash(stored)?.cost != configuration.cost }

    private static func bytes(of password: String) throws(Refusal) -> [UInt8] {
        guard password.utf8.count <= PasswordPolicy.bytesMax else { throw .passwordTooLong }
        return PasswordPolicy.bytes(of: password)
    }

    private func perform<T: Sendable>(_ work: @escaping @Sendable () -> T) async throws(Refusal) -> T {
        let before = pending.wrappingAdd(1, ordering: .relaxed).oldValue
        defer { pending.wrappingSubtract(1, ordering: .relaxed) }
        guard before < configuration.threads + configuration.queueMax else { throw .busy }
        let result: Result<T, Refusal> = await withCheckedContinuation { continuation in
            threads.submit { state in
                // A pool that is shutting down cancels what it has not begun.
                continuation.resume(returning: state == .active ? .success(work()) : .failure(.busy))
            }
        }
        return try result.get()
    }
}

extension PasswordHasher.Refusal: ProblemConvertible {
    public var problem: Problem {
        switch self {
        case .busy, .outOfMemory: Problem(.overloaded, "Too many log-ins at once.").retry(after: .seconds(5))
        case .malformedHash: Problem(.internalError)
        case .passwordTooLong: Problem(.invalidCredentials)
        }
    }
}
