import NIOPosix
import Synchronization

/// Hashes passwords on threads of its own, so that the engine never waits for one, and takes only so many at once.
public final class PasswordHasher: Sendable {
    public struct Configuration: Sendable {
        public var cost = ScryptCost.standard
        /// Hashes at the same time; each takes 128 MiB at the standard cost.
        public var threads = 1
        /// Waiting hashes. Callers take turns, so that one waits no longer than there are others.
        public var queueMax = 64
        /// Waiting hashes of one caller. At half a second each, a caller further back has given up.
        public var queuePerCallerMax = 8

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
    private let state: Mutex<State>
    /// Stands in for the hash of an account that does not exist.
    private let absent: PasswordHash

    /// A hash that was asked for; it is told whether to work or to give up.
    private struct Job: Sendable {
        let perform: @Sendable (_ isPossible: Bool) -> Void
    }

    private struct State {
        var waiting: FairQueue<Job>
        var running = 0
    }

    public init(_ configuration: Configuration = Configuration()) {
        self.configuration = configuration
        state = Mutex(
            State(waiting: FairQueue(max: configuration.queueMax, perCallerMax: configuration.queuePerCallerMax)))
        absent = PasswordHash(
            cost: configuration.cost, salt: .random(count: PasswordHash.saltLength),
            digest: .random(count: PasswordHash.digestLength))
        threads = NIOThreadPool(numberOfThreads: configuration.threads)
        threads.start()
    }

    /// Ends the threads when what they have begun is done.
    public func shutdown() async throws { try await threads.shutdownGracefully() }

    /// The hash to store for a new password. The password has passed ``PasswordPolicy``.
    ///
    /// - Parameter caller: whose turn it takes.
    public func hash<Caller: Hashable>(
        _ password: String, for caller: Caller = 0
    ) async throws(Refusal) -> PasswordHash {
        let bytes = try Self.bytes(of: password)
        let cost = configuration.cost
        let hash = try await perform(for: caller.hashValue) {
            PasswordHash.compute(bytes, cost: cost, salt: .random(count: PasswordHash.saltLength))
        }
        guard let hash else { throw .outOfMemory }
        return hash
    }

    /// Whether the password is the one that was hashed.
    ///
    /// - Parameters:
    ///   - stored: nil for an account that does not exist: the answer is no, after the same time.
    ///   - caller: whose turn it takes.
    public func verify<Caller: Hashable>(
        _ password: String, against stored: String?, for caller: Caller = 0
    ) async throws(Refusal) -> Bool {
        let bytes = try Self.bytes(of: password)
        let parsed = stored.map(PasswordHash.init)
        if case .some(nil) = parsed { throw .malformedHash }
        let hash = parsed.flatMap { $0 } ?? absent
        let matches = try await perform(for: caller.hashValue) { hash.matches(bytes) }
        guard let matches else { throw .outOfMemory }
        return matches && stored != nil
    }

    /// Whether a hash was made at another cost than today's, and should be made anew once the password is at hand.
    public func isOutdated(_ stored: String) -> Bool { PasswordHash(stored)?.cost != configuration.cost }

    private static func bytes(of password: String) throws(Refusal) -> [UInt8] {
        guard password.utf8.count <= PasswordPolicy.bytesMax else { throw .passwordTooLong }
        return PasswordPolicy.bytes(of: password)
    }

    private func perform<T: Sendable>(
        for caller: Int, _ work: @escaping @Sendable () -> T
    ) async throws(Refusal) -> T {
        let result: Result<T, Refusal> = await withCheckedContinuation { continuation in
            enter(
                Job { isPossible in continuation.resume(returning: isPossible ? .success(work()) : .failure(.busy)) },
                of: caller)
        }
        return try result.get()
    }

    private func enter(_ job: Job, of caller: Int) {
        let (begun, refused): (Job?, Job?) = state.withLock { state in
            if state.running < configuration.threads {
                state.running += 1
                return (job, nil)
            }
            switch state.waiting.append(job, of: caller) {
            case .taken: return (nil, nil)
            case .takenInsteadOf(let other): return (nil, other)
            case .refused: return (nil, job)
            }
        }
        refused?.perform(false)
        if let begun { submit(begun) }
    }

    private func submit(_ job: Job) {
        threads.submit { state in
            // A pool that is shutting down cancels what it has not begun.
            job.perform(state == .active)
            self.submitNext()
        }
    }

    private func submitNext() {
        let next = state.withLock { state -> Job? in
            let next = state.waiting.popFirst()
            if next == nil { state.running -= 1 }
            return next
        }
        if let next { submit(next) }
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
