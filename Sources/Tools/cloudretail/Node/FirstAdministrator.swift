import Accounts
import ActorSystem
import Commerce
import EventSourcing
import Gateway
import Logging

/// Registers the administrator that a shop begins with, through the shop's log: on a node alone, or on each node of a
/// cluster, of which one is the first and the others find the account.
struct FirstAdministrator: Sendable {
    struct Credentials: Sendable, Equatable {
        var email: EmailAddress
        /// Mode 0600; read only when there is no such account yet.
        var passwordFile: String
    }

    private let credentials: Credentials
    private let accounts: AccountBook
    private let policy: PasswordPolicy
    private let logger: Logger

    /// A cluster that has no leader yet has one within a second or two.
    private static let pause = Duration.milliseconds(100)

    /// nil when the configuration names none.
    init?(_ configuration: NodeConfiguration, shards: ShardMap, logger: Logger) {
        guard let credentials = configuration.firstAdministrator else { return nil }
        self.credentials = credentials
        accounts = AccountBook(shards: shards, clock: Engine.now, random: Engine.random)
        policy = PasswordPolicy(lengthMin: configuration.passwordLengthMin)
        self.logger = logger
    }

    /// Returns once there is such an account. Another node may have made it, and it may have another role by now.
    ///
    /// A task that is cancelled gives up.
    ///
    /// - Throws: `NodeConfiguration.Unusable` when the password is none that a node takes.
    func ensure() async throws {
        while !Task.isCancelled {
            do {
                if try await accounts.isTaken(credentials.email) { return }
                try await register()
                return
            } catch let failure as ExecutionFailure {
                // Without a leader, or cut off from it: nothing was done, or the next look finds the account.
                logger.debug("No administrator is registered yet", metadata: ["error": "\(failure)"])
                try? await Task.sleep(for: Self.pause)
            }
        }
    }

    private func register() async throws {
        let password = try password()
        let hasher = PasswordHasher()
        let hash = try await hasher.hash(password)
        try await hasher.shutdown()
        do {
            let id = try await accounts.createAdministrator(
                email: credentials.email, passwordHash: Commerce.PasswordHash(hash.description))
            logger.info("The first administrator is registered", metadata: ["account": "\(id)"])
        } catch AccountRefusal.emailTaken {
            // Another node was first.
        }
    }

    private func password() throws -> String {
        try NodeConfiguration.Unusable.unless(NodeConfiguration.firstAdministratorPasswordFile) {
            let text = String(decoding: try SecretFile.read(credentials.passwordFile), as: UTF8.self)
            let password = String(text.prefix { !$0.isNewline })
            if let refusal = policy.refusal(of: password, for: credentials.email) { throw Refused(reason: refusal) }
            return password
        }
    }

    private struct Refused: Error, CustomStringConvertible {
        let reason: String
        var description: String { "the password \(reason)" }
    }
}
