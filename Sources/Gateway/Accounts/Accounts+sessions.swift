import ActorSystem
import Commerce
import EventSourcing
import Schema

/// What a refresh token was traded for.
enum Rotation: Sendable {
    case rotated(SessionID, Account)
    /// The token had been used before: somebody else has it, or had it, and the session has ended.
    case reused(SessionID)
}

extension Accounts {
    /// A session that is not used for a month ends; so does one that is, and its holder logs in again.
    static let sessionLifetime = Duration.seconds(30 * 86_400)
    /// Sessions looked at in one step, and ended in one record.
    private static let sessionsPerStepMax = 500

    /// Opens a session for somebody whose password has been checked.
    ///
    /// - Parameter account: as it was when the password was checked.
    func open(_ session: SessionID, for account: Account, token: RefreshToken, userAgent: String) async throws {
        let id = account.id
        try await execute(on: id.slot) { batch throws(AccountRefusal) in
            // Whoever changed the password in the meantime meant to keep this log-in out.
            guard batch.read(Account.self, id).state.profile?.passwordHash == account.profile?.passwordHash else {
                throw .passwordChanged
            }
            let opening = Session.Opening(
                customer: id, token: token.digest, expiresAt: batch.now + Self.sessionLifetime, userAgent: userAgent)
            do throws(Session.Refusal) {
                try batch.decide(Session.self, session, .open(opening), isNew: true)
            } catch {
                throw .session(error)
            }
        }
    }

    /// Trades a refresh token for `replacement`, whose family is the same.
    func rotate(_ token: RefreshToken, to replacement: RefreshToken) async throws -> Rotation {
        guard let id = SessionID(token.sessionID) else { throw AccountRefusal.session(.notOpened) }
        return try await execute(on: id.slot) { batch throws(AccountRefusal) in
            let events: [Session.Event]
            do throws(Session.Refusal) {
                events = try batch.decide(
                    Session.self, id, .rotate(presented: token.digest, replacement: replacement.digest.rotation))
            } catch {
                throw .session(error)
            }
            if case .ended = events.last { return .reused(id) }
            guard let customer = batch.read(Session.self, id).state.customer else { throw .session(.notOpened) }
            return .rotated(id, batch.read(Account.self, customer).state)
        }
    }

    /// Ends one session of a customer.
    ///
    /// - Throws: `.session(.notOpened)` when it is not theirs.
    func end(_ id: SessionID, of customer: CustomerID, _ reason: Session.EndReason) async throws {
        try await execute(on: id.slot) { batch throws(AccountRefusal) in
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

    /// Changes the password and ends the customer's other sessions.
    ///
    /// - Parameter verified: the account as it was when the current password was checked.
    /// - Returns: the sessions that ended.
    func changePassword(
        of verified: Account, to hash: Commerce.PasswordHash, keeping session: SessionID?
    ) async throws -> [SessionID] {
        let id = verified.id
        try await execute(on: id.slot) { batch throws(AccountRefusal) in
            guard batch.read(Account.self, id).state.profile?.passwordHash == verified.profile?.passwordHash else {
                throw .passwordChanged
            }
            do throws(Account.Refusal) {
                try batch.decide(Account.self, id, .changePassword(hash))
            } catch {
                throw .account(error)
            }
        }
        // No session can be opened with the old password any more, so that these are all.
        return try await endSessions(of: id, except: session, .passwordChanged)
    }

    /// Ends all sessions of a customer that are open, but one.
    func endSessions(
        of customer: CustomerID, except kept: SessionID?, _ reason: Session.EndReason
    ) async throws -> [SessionID] {
        var ended: [SessionID] = []
        var bound: SessionID?
        while true {
            let ids = try await sessionIDs(of: customer, beyond: bound, limit: Self.sessionsPerStepMax)
            ended += try await execute(on: customer.slot) { batch throws(AccountRefusal) in
                let open = ids.filter { $0 != kept && batch.read(Session.self, $0).state.isOpen(at: batch.now) }
                for id in open { try Self.end(id, reason, in: batch) }
                return open
            }
            guard ids.count == Self.sessionsPerStepMax, let last = ids.last else { return ended }
            bound = last
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
        let sessions = try await execute(on: customer.slot) { batch throws(Never) in
            ids.map { batch.read(Session.self, $0).state }.filter { $0.isOpen(at: batch.now) }
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
