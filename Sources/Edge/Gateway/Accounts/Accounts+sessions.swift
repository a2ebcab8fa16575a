import ActorSystem
import Commerce
import EventSourcing
import Schema

/// What a refresh token was traded for.
enum Rotation: Sendable {
    /// With the account as the step found it.
    case rotated(SessionID, Account, RefreshToken)
    /// The token had been used before: another client has it, or had it, and the session has ended.
    case reused(SessionID)
}

extension Accounts {
    /// A session that is not used for a month ends; so does one that is, and its holder logs in again.
    static let sessionLifetime = Duration.seconds(30 * 86_400)

    /// Opens a session for a caller whose password has been checked.
    ///
    /// - Parameter account: as it was when the password was checked.
    /// - Returns: the account as it was when the session was opened: what a token says of it must be no older.
    func open(
        _ session: SessionID, for account: Account, token: RefreshToken, from caller: Caller
    ) async throws -> Account {
        let id = account.id
        return try await execute(on: id.slot, by: ActorID(id)) { batch throws(AccountRefusal) in
            let present = batch.read(Account.self, id).state
            // The holder who changed the password in the meantime meant to keep this log-in out.
            guard present.profile?.passwordHash == account.profile?.passwordHash else { throw .passwordChanged }
            try Self.succeed(id, from: caller.origin(of: id), in: batch)
            let opening = Session.Opening(
                customer: id, token: token.digest, expiresAt: batch.now + Self.sessionLifetime,
                userAgent: caller.userAgent, epoch: present.sessions.number)
            do throws(Session.Refusal) {
                try batch.decide(Session.self, session, .open(opening), isNew: true)
            } catch {
                throw .session(error)
            }
            return present
        }
    }

    /// Trades a refresh token for another of its family.
    ///
    /// - Parameter secrets: that the replacement is made with, the newest first. An older one may have made the
    ///   replacement that a client asks for again.
    func rotate(_ token: RefreshToken, with secrets: [RefreshSecret], from caller: Caller) async throws -> Rotation {
        guard let id = SessionID(token.sessionID) else { throw AccountRefusal.session(.notOpened) }
        let replacements = secrets.map { RefreshToken(replacing: token, with: $0) }
        return try await execute(on: id.slot, by: nil) { batch throws(AccountRefusal) in
            let session = batch.read(Session.self, id).state
            guard let customer = session.customer else { throw .session(.notOpened) }
            let account = batch.read(Account.self, customer).state
            guard account.admits(session) else { throw .sessionEnded }
            let replacement = replacements.first { $0.digest.rotation == session.rotation } ?? replacements[0]
            let events: [Session.Event]
            do throws(Session.Refusal) {
                events = try batch.decide(
                    Session.self, id,
                    .rotate(
                        presented: token.digest, replacement: replacement.digest.rotation,
                        client: caller.digest(in: id)))
            } catch {
                throw .session(error)
            }
            if case .ended = events.last { return .reused(id) }
            return .rotated(id, account, replacement)
        }
    }

    // MARK: - Log-ins

    func logIns(of id: CustomerID) async throws -> LogIns { try await shards.read(LogIns.self, id, at: clock()).state }

    /// Records a wrong password; past the limit nothing is.
    func recordFailure(of id: CustomerID, from origin: LogInOrigin) async throws {
        try await execute(on: id.slot, by: nil) { batch throws(Never) in
            _ = Result { () throws(LogIns.Refusal) in try batch.decide(LogIns.self, id, .fail(origin)) }
        }
    }

    /// Lets everybody guess anew at the password of an account.
    func clearFailures(of id: CustomerID, by actor: ActorID) async throws {
        try await execute(on: id.slot, by: actor) { batch throws(AccountRefusal) in
            guard batch.read(Account.self, id).exists else { throw .account(.notRegistered) }
            do throws(LogIns.Refusal) {
                try batch.decide(LogIns.self, id, .clear)
            } catch {
                throw .blocked
            }
        }
    }

    static func succeed(_ id: CustomerID, from origin: LogInOrigin, in batch: Batch) throws(AccountRefusal) {
        do throws(LogIns.Refusal) {
            try batch.decide(LogIns.self, id, .succeed(origin))
        } catch {
            throw .blocked
        }
    }

    // MARK: - Ending

    /// Ends one session of a customer.
    ///
    /// - Throws: `.session(.notOpened)` when it is not theirs.
    func end(_ id: SessionID, of customer: CustomerID, _ reason: Session.EndReason) async throws {
        try await execute(on: id.slot, by: ActorID(customer)) { batch throws(AccountRefusal) in
            guard batch.read(Session.self, id).state.customer == customer else { throw .session(.notOpened) }
            try Self.end(id, reason, in: batch)
        }
    }

    private static func end(_ id: SessionID, _ reason: Session.EndReason, in batch: Batch) throws(AccountRefusal) {
        do throws(Session.Refusal) {
            try batch.decide(Session.self, id, .end(reason))
        } catch {
            throw .session(error)
        }
    }

    /// Changes the password and ends the customer's other sessions, in one record.
    ///
    /// - Parameters:
    ///   - verified: the account as it was when the current password was checked.
    ///   - session: the one that asks, and stays.
    /// - Returns: the account.
    func changePassword(
        of verified: Account, to hash: Commerce.PasswordHash, keeping session: SessionID, from caller: Caller
    ) async throws -> Account {
        let id = verified.id
        return try await execute(on: id.slot, by: ActorID(id)) { batch throws(AccountRefusal) in
            let account = batch.read(Account.self, id).state
            guard account.profile?.passwordHash == verified.profile?.passwordHash else { throw .passwordChanged }
            // What has ended since the request came must not live on as the session that is kept.
            let kept = batch.read(Session.self, session).state
            guard kept.isOpen(at: batch.now), account.admits(kept) else { throw .sessionEnded }
            try Self.succeed(id, from: caller.origin(of: id), in: batch)
            do throws(Account.Refusal) {
                try batch.decide(Account.self, id, .changePassword(hash, keeping: session))
            } catch {
                throw .account(error)
            }
            return batch.read(Account.self, id).state
        }
    }

    /// Open sessions of a customer, newest first.
    ///
    /// - Parameter bound: where the page before this one ended.
    /// - Returns: at most `limit` sessions, and the bound of the next page; nil at the end.
    func sessions(
        of customer: CustomerID, beyond bound: SessionID?, limit: Int
    ) async throws -> (sessions: [Session], next: SessionID?) {
        let ids = try await sessionIDs(of: customer, beyond: bound, limit: limit)
        let sessions = try await execute(on: customer.slot, by: nil) { batch throws(Never) in
            let account = batch.read(Account.self, customer).state
            return ids.map { batch.read(Session.self, $0).state }
                .filter { $0.isOpen(at: batch.now) && account.admits($0) }
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
