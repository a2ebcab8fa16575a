import ActorSystem
import Checkout
import Commerce
import EventSourcing
import Schema
import Steps

/// Accounts and sessions in the shop's logs. The gateway uses it, and the command line, beside a running node or not.
public struct AccountBook: Sendable {
    public let shards: ShardMap
    public let clock: @Sendable () -> Timestamp
    public let random: @Sendable () -> UInt64

    public init(
        shards: ShardMap, clock: @escaping @Sendable () -> Timestamp, random: @escaping @Sendable () -> UInt64
    ) {
        self.shards = shards
        self.clock = clock
        self.random = random
    }

    /// Runs a step on the leader of its shard; its refusal is thrown as it is.
    ///
    /// - Parameter actor: who asks, which the record names; nil for a client that has not logged in yet.
    public func run<Step: ShardStep>(_ step: Step, by actor: ActorID?) async throws -> Step.Answer {
        try await shards.run(step, at: clock(), by: actor).get()
    }

    // MARK: - Registering

    /// A customer lives where the name they log in with lives, so that both are decided in one record.
    public func newID(for email: EmailAddress) -> CustomerID {
        let id = CustomerID(at: clock(), slot: email.slot, random: random())
        return Guest.canBe(id) ? newID(for: email) : id
    }

    /// A new guest, of whom nothing is recorded. Guests are spread over all shards.
    public func newGuest() -> CustomerID {
        Guest.id(at: clock(), slot: Slot(UInt16(random() % UInt64(Slot.count))), random: random())
    }

    public func newSessionID(of customer: CustomerID) -> SessionID {
        SessionID(at: clock(), slot: customer.slot, random: random())
    }

    /// Registers the first member of staff, who can make others.
    ///
    /// - Throws: `AccountRefusal.emailTaken`, or an `ExecutionFailure`.
    public func createAdministrator(email: EmailAddress, passwordHash: PasswordHash) async throws -> CustomerID {
        let registration = Account.Registration(
            email: email, firstName: "", lastName: "", passwordHash: passwordHash, role: .admin)
        let id = newID(for: email)
        _ = try await run(RegisterAccount(id, registration), by: nil)
        return id
    }

    /// Registers an account under an idempotency key of its client, who has no account yet.
    ///
    /// - Parameters:
    ///   - id: see `newID`.
    ///   - key: at the client's slot. The e-mail address says where the account lives, and nothing where the key does.
    /// - Returns: the account, or the one that the key was used for before.
    public func register(
        _ registration: Account.Registration, as id: CustomerID, from origin: LogInOrigin, key: StepKey?
    ) async throws -> RegistrationAnswer {
        let claim = key.map {
            SenderClaim(
                $0.id, fingerprint: $0.fingerprint, home: id.slot, lifetime: StepKey.lifetime, by: nil,
                shards: shards, clock: clock)
        }
        if let claim, !(try await claim.take()) { throw AccountRefusal.keyReused }
        let keyAtHome = key.map { StepKey(id: claim?.keyAtHome ?? $0.id, fingerprint: $0.fingerprint) }
        return try await run(RegisterAccount(id, registration, from: origin, key: keyAtHome), by: ActorID(id))
    }

    // MARK: - Finding

    public func isTaken(_ email: EmailAddress) async throws -> Bool {
        let claim = try await shards.read(EmailClaim.self, email)
        return claim.state.holder != nil
    }

    /// The account that logs in with `email`; nil when there is none.
    public func find(_ email: EmailAddress) async throws -> Versioned<Account>? {
        let claim = try await shards.read(EmailClaim.self, email)
        guard let holder = claim.state.holder else { return nil }
        return try await find(holder)
    }

    public func find(_ id: CustomerID) async throws -> Versioned<Account>? {
        let account = try await shards.read(Account.self, id)
        return account.exists ? account : nil
    }

    public func logIns(of id: CustomerID) async throws -> LogIns {
        try await shards.read(LogIns.self, id).state
    }

    /// Open sessions of a customer, newest first.
    ///
    /// - Parameter bound: where the page before this one ended.
    /// - Returns: at most `limit` sessions, and the bound of the next page; nil at the end.
    public func sessions(
        of customer: CustomerID, beyond bound: SessionID?, limit: Int
    ) async throws -> (sessions: [Session], next: SessionID?) {
        let (shard, now) = (shards[customer.slot], clock())
        try await shard.barrier()
        let ids = try await sessionIDs(of: customer, beyond: bound, limit: limit)
        let sessions = await shard.readCommitted { states in
            let account = states.read(Account.self, customer).state
            return ids.map { states.read(Session.self, $0).state }
                .filter { $0.isOpen(at: now) && account.admits($0) }
        }
        return (sessions, ids.count == limit ? ids.last : nil)
    }

    private func sessionIDs(of customer: CustomerID, beyond bound: SessionID?, limit: Int) async throws -> [SessionID] {
        var group: [UInt8] = []
        customer.encode(into: &group)
        return try await shards[customer.slot].list(
            Session.self, group: group, beyond: bound, descending: true, limit: limit)
    }
}
