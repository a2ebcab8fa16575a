import ActorSystem
import Checkout
import Commerce
import EventSourcing
import Schema
import Steps

/// Accounts and sessions in the shop's logs. It knows no HTTP: the command line uses it too, beside a running node or
/// not.
public struct Accounts: Sendable {
    let shards: ShardMap
    let clock: @Sendable () -> Timestamp
    let random: @Sendable () -> UInt64

    public init(
        shards: ShardMap, clock: @escaping @Sendable () -> Timestamp, random: @escaping @Sendable () -> UInt64
    ) {
        self.shards = shards
        self.clock = clock
        self.random = random
    }

    /// The accounts of a running node.
    public init(_ shop: Shop) { self.init(shards: shop.shards, clock: shop.clock, random: shop.random) }

    // MARK: - Registering

    /// Registers the first member of staff, who can make others.
    ///
    /// - Parameter passwordHash: as `PasswordHasher` makes it.
    /// - Throws: `AccountRefusal.emailTaken`, or an `ExecutionFailure`.
    public func createAdministrator(email: EmailAddress, passwordHash: String) async throws -> CustomerID {
        let registration = Account.Registration(
            email: email, firstName: "", lastName: "", passwordHash: Commerce.PasswordHash(passwordHash), role: .admin)
        let id = newCustomerID(for: email)
        return try await execute(on: id.slot, by: nil) { batch throws(AccountRefusal) in
            try Self.register(registration, id, in: batch).state.id
        }
    }

    /// - Returns: the answer under `key`: the account, or the one that the key was used for before.
    func register(
        _ registration: Account.Registration, key: RequestKey?, from caller: Caller
    ) async throws -> IdempotentAnswer {
        let id = newCustomerID(for: registration.email)
        let claim = key.map {
            // The address says where the account lives, and nothing where the key does: its sender has no account yet.
            SenderClaim(
                $0.id(on: $0.anonymousSlot), fingerprint: $0.fingerprint, home: id.slot,
                lifetime: StepKey.lifetime, by: nil, shards: shards, clock: clock)
        }
        if let claim, !(try await claim.take()) { throw KeyedRefusal<AccountRefusal>.keyReused }
        do {
            return try await register(
                registration, as: id, key, on: claim?.keyAtHome.slot ?? id.slot, from: caller)
        } catch let refusal as KeyedRefusal<AccountRefusal> {
            if case .refused = refusal { await claim?.release() }
            throw refusal
        }
    }

    private func register(
        _ registration: Account.Registration, as id: CustomerID, _ key: RequestKey?, on slot: Slot, from caller: Caller
    ) async throws -> IdempotentAnswer {
        try await execute(on: id.slot, by: ActorID(id)) { batch throws(KeyedRefusal<AccountRefusal>) in
            try batch.once(key, on: slot) { batch throws(AccountRefusal) in
                let account = try Self.register(registration, id, in: batch)
                try Self.succeed(id, from: caller.origin(of: id), in: batch)
                var json = JSONWriter()
                json.value(account)
                return IdempotentAnswer(status: .created, location: "/api/v1/accounts/\(id)", json: json)
            }
        }
    }

    /// A customer lives where the name they log in with lives, so that both are decided in one record.
    private func newCustomerID(for email: EmailAddress) -> CustomerID {
        CustomerID(at: clock(), slot: email.slot, random: random())
    }

    private static func register(
        _ registration: Account.Registration, _ id: CustomerID, in batch: Batch
    ) throws(AccountRefusal) -> Versioned<Account> {
        do throws(EmailClaim.Refusal) {
            try batch.decide(EmailClaim.self, registration.email, .claim(id))
        } catch {
            throw .emailTaken
        }
        do throws(Account.Refusal) {
            try batch.decide(Account.self, id, .register(registration), isNew: true)
        } catch {
            throw .account(error)
        }
        return batch.read(Account.self, id)
    }

    // MARK: - Finding

    func isTaken(_ email: EmailAddress) async throws -> Bool {
        let claim = try await shards.read(EmailClaim.self, email, at: clock())
        return claim.state.holder != nil
    }

    /// The account that logs in with `email`; nil when there is none.
    func find(_ email: EmailAddress) async throws -> Versioned<Account>? {
        let claim = try await shards.read(EmailClaim.self, email, at: clock())
        guard let holder = claim.state.holder else { return nil }
        return try await find(holder)
    }

    func find(_ id: CustomerID) async throws -> Versioned<Account>? {
        let account = try await shards.read(Account.self, id, at: clock())
        return account.exists ? account : nil
    }

    // MARK: - Changing

    /// Gives an account another role. When it may do less than before, its sessions end in the same record.
    ///
    /// - Parameters:
    ///   - actor: who asks.
    ///   - conditions: are compared with the account's version.
    func grant(
        _ role: Role, to id: CustomerID, by actor: ActorID, if conditions: Preconditions
    ) async throws -> Versioned<Account> {
        try await execute(on: id.slot, by: actor) { batch throws(AccountRefusal) in
            try Self.check(conditions, batch.read(Account.self, id))
            do throws(Account.Refusal) {
                try batch.decide(Account.self, id, .grantRole(role))
            } catch {
                throw .account(error)
            }
            return batch.read(Account.self, id)
        }
    }

    private static func check(_ conditions: Preconditions, _ account: Versioned<Account>) throws(AccountRefusal) {
        guard account.exists else { return }
        do throws(Problem) {
            try conditions.check(.tagged(EntityTag(version: account.version)))
        } catch {
            throw .precondition(error)
        }
    }

    /// - Parameter actor: who asks, which the record names; nil for a step that only looks, or for a command line.
    func execute<Answer: Sendable, Refusal: Error>(
        on slot: Slot, by actor: ActorID?, _ body: @Sendable (Batch) throws(Refusal) -> Answer
    ) async throws -> Answer {
        try await shards.execute(on: slot, at: clock(), by: actor, body).get()
    }
}

/// Why an account or a session was not changed.
public enum AccountRefusal: Error, Sendable {
    case emailTaken
    /// The password is no longer the one that was checked.
    case passwordChanged
    /// Too many wrong passwords came from where this one did.
    case blocked
    /// The session that asks has ended.
    case sessionEnded
    /// The account is not what the caller's conditions name.
    case precondition(Problem)
    case account(Account.Refusal)
    case session(Session.Refusal)
}

extension Principal.Role {
    init(_ role: Role) {
        switch role {
        case .customer: self = .customer
        case .staff: self = .staff
        case .admin: self = .admin
        }
    }
}
