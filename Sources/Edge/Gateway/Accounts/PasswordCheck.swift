import Accounts
import Commerce
import EventSourcing
import Synchronization

/// Whose guesses are counted together: those at one account from one address, or from one device that it knows.
struct GuessKey: Hashable, Sendable, RateCaller {
    /// The normalised log-in name.
    let name: String
    let address: ClientAddress
    /// Nil for a device that the account does not know: it could call itself anything.
    let userAgent: String?

    func add(to hash: inout SipHash) {
        hash.append(name)
        address.add(to: &hash)
        if let userAgent { hash.append(userAgent) }
    }
}

/// Checks the password of an account, for every route that takes one: whichever is tried, the same guesses count.
///
/// Guesses that come too fast are slowed down, by account and origin; after `LogIns.failuresMax` wrong ones in a row
/// none is taken any more from where the holder has never been. A name without an account is treated like one with, as
/// long as this node remembers it.
struct PasswordCheck: Sendable {
    let accounts: AccountBook
    let hasher: PasswordHasher
    let strangers = UnknownNames()
    /// Counts a guess; throws 429 past the limit.
    let countGuess: @Sendable (GuessKey) throws(Problem) -> Void
    /// How long a wrong password waits for its answer, while the failure is recorded. Only an account has one to
    /// record, and the time of the answer must not tell. Far longer than a flush.
    let failurePause: Duration

    /// Whether the password is the account's.
    ///
    /// - Parameters:
    ///   - account: nil when none has the name: the answer is no, after the same time.
    ///   - name: the normalised log-in name.
    /// - Throws: 429 when the guess comes too fast, 403 when there were too many.
    func verify(_ password: String, of account: Account?, name: String, from caller: Caller) async throws -> Bool {
        let origin = account.map { caller.origin(of: $0.id) }
        var logIns: LogIns?
        if let account { logIns = try await accounts.logIns(of: account.id) }
        let knowsDevice = origin.flatMap { logIns?.knowsDevice($0) } ?? false
        try countGuess(
            GuessKey(name: name, address: caller.address, userAgent: knowsDevice ? caller.userAgent : nil))
        let isBlocked = origin.flatMap { logIns?.isBlocked($0) } ?? strangers.isBlocked(name)
        guard !isBlocked else { throw Problem(.logInBlocked) }
        let isRight = try await hasher.verify(
            password, against: account?.profile?.passwordHash.text, for: caller.address)
        guard !isRight else { return true }
        async let pause: Void? = try? await Task.sleep(for: failurePause)
        if let account, let origin {
            _ = try await accounts.run(RecordLogInFailure(of: account.id, from: origin), by: nil)
        } else {
            strangers.count(name)
        }
        _ = await pause
        return false
    }
}

/// Wrong passwords in a row for names that no account has, so that they are refused like those of an account.
final class UnknownNames: Sendable {
    /// Names remembered; past it any one is forgotten. Each costs its guesser a hash.
    private static let countMax = 65_536

    private let failures = Mutex<[Int: UInt64]>([:])

    func isBlocked(_ name: String) -> Bool {
        failures.withLock { ($0[name.hashValue] ?? 0) >= LogIns.failuresMax }
    }

    func count(_ name: String) {
        failures.withLock { failures in
            if failures.count >= Self.countMax, let any = failures.keys.first { failures[any] = nil }
            failures[name.hashValue, default: 0] += 1
        }
    }
}
