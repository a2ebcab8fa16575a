import Accounts
import ActorSystem
import Commerce
import EventSourcing
import Schema
import StepTesting
import Steps
import Testing

extension StepBench {
    static var ofAccounts: StepBench {
        StepBench([
            .kind(Account.self), .kind(EmailClaim.self), .kind(Session.self), .kind(LogIns.self),
            .kind(IdempotencyKey.self),
        ])
    }

    /// A bench with one account and one session.
    static func withSession() async throws -> StepBench {
        let bench = StepBench.ofAccounts
        _ = try await bench.run(RegisterAccount(customer, registration, from: origin)).get()
        _ = try await bench.run(opening).get()
        return bench
    }

    static let opening = OpenSession(
        session, of: customer, verified: hash, token: token, from: origin, userAgent: "curl")
}

@Suite("A registration") struct RegisterAccountTests {
    @Test("happens once for each key, and is answered as it was")
    func once() async throws {
        let bench = StepBench.ofAccounts
        let step = RegisterAccount(customer, registration, from: origin, key: key)
        guard case .registered(let account, isRepeated: false) = try await bench.run(step).get() else {
            return #expect(Bool(false))
        }
        #expect(account.id == customer && account.email == registration.email && account.registeredAt == .noon)
        _ = try await bench.run(GrantRole(.staff, to: customer)).get()
        let again = RegisterAccount(CustomerID(at: .noon, slot: customer.slot, random: 9), registration, key: key)
        #expect(try await bench.run(again).get() == .registered(account, isRepeated: true))
        #expect(bench.journal.committed == LogIndex(2))
        let other = StepKey(id: key.id, fingerprint: digest(0x33))
        #expect(
            try await bench.run(RegisterAccount(customer, registration, key: other)) == .failure(.keyReused))
    }

    @Test("is refused for a name that another has")
    func taken() async throws {
        let bench = StepBench.ofAccounts
        _ = try await bench.run(RegisterAccount(customer, registration)).get()
        let other = CustomerID(at: .noon, slot: customer.slot, random: 9)
        for _ in 0..<2 {
            #expect(try await bench.run(RegisterAccount(other, registration, key: key)) == .failure(.emailTaken))
            // Nothing but what the key has kept of it.
            #expect(bench.journal.committed == LogIndex(2))
        }
    }

    @Test("with longer names than an account may have is no step")
    func bounds() {
        let long = Account.Registration(
            email: registration.email, firstName: String(repeating: "x", count: 4 * Account.nameLengthMax + 1),
            lastName: "", passwordHash: hash)
        #expect(throws: MalformedBytes.self) {
            try RegisterAccount(decoding: RegisterAccount(customer, long).bytes[...])
        }
    }
}

@Suite("A session") struct SessionStepTests {
    @Test("opens for the password that was checked, and no other")
    func open() async throws {
        let bench = StepBench.ofAccounts
        #expect(try await bench.run(StepBench.opening) == .failure(.passwordChanged))
        _ = try await bench.run(RegisterAccount(customer, registration)).get()
        let holder = try await bench.run(StepBench.opening).get()
        #expect(holder.customer == customer && holder.role == .customer && holder.epoch == 0)
        let old = OpenSession(
            SessionID(at: .noon, slot: customer.slot, random: 9), of: customer, verified: PasswordHash("old"),
            token: token, from: origin, userAgent: "")
        #expect(try await bench.run(old) == .failure(.passwordChanged))
    }

    @Test("trades its token once, gives the same replacement again, and ends when an old one comes back")
    func rotate() async throws {
        let bench = try await StepBench.withSession()
        let step = RotateSession(
            session, presented: token, replacements: [digest(0x44), digest(0x55)], client: digest(0x66))
        guard case .rotated(replacement: 0, let holder) = try await bench.run(step).get() else {
            return #expect(Bool(false))
        }
        // A key has been added since: the replacement that stands was made with the second.
        let again = RotateSession(
            session, presented: token, replacements: [digest(0x99), digest(0x44)], client: digest(0x66))
        #expect(try await bench.run(again).get() == .rotated(replacement: 1, holder))
        #expect(try await bench.run(again).get() == .reused)
        #expect(try await bench.run(step) == .failure(.session(.hasEnded(.reuseDetected))))
    }

    @Test("is ended by its holder alone")
    func end() async throws {
        let bench = try await StepBench.withSession()
        let stranger = CustomerID(at: .noon, slot: customer.slot, random: 9)
        #expect(
            try await bench.run(EndSession(session, of: stranger, .revoked)) == .failure(.session(.notOpened)))
        _ = try await bench.run(EndSession(session, of: customer, .loggedOut)).get()
        let step = RotateSession(session, presented: token, replacements: [digest(0x44)], client: digest(0x66))
        #expect(try await bench.run(step) == .failure(.session(.hasEnded(.loggedOut))))
    }

    @Test("that asks for another password stays, and the others end")
    func password() async throws {
        let bench = try await StepBench.withSession()
        let other = SessionID(at: .noon, slot: customer.slot, random: 9)
        _ = try await bench.run(
            OpenSession(other, of: customer, verified: hash, token: token, from: origin, userAgent: "")).get()
        let changed = try await bench.run(
            ChangePassword(of: customer, from: hash, to: PasswordHash("new"), keeping: session, at: origin)).get()
        #expect(changed.account.state.sessions.number == 1 && changed.account.state.sessions.kept == session)
        let rotation = RotateSession(other, presented: token, replacements: [digest(0x44)], client: digest(0x66))
        #expect(try await bench.run(rotation) == .failure(.sessionEnded))
        guard
            case .failure(.passwordChanged) = try await bench.run(
                ChangePassword(of: customer, from: hash, to: hash, keeping: session, at: origin))
        else { return #expect(Bool(false)) }
    }

    @Test("ends when its account may do less than before, for whom the version is the one that is named")
    func roles() async throws {
        let bench = try await StepBench.withSession()
        _ = try await bench.run(GrantRole(.admin, to: customer, if: Preconditions(ifMatch: "\"1\""))).get()
        guard
            case .failure(.condition) = try await bench.run(
                GrantRole(.customer, to: customer, if: Preconditions(ifMatch: "\"1\"")))
        else { return #expect(Bool(false)) }
        _ = try await bench.run(GrantRole(.customer, to: customer)).get()
        let step = RotateSession(session, presented: token, replacements: [digest(0x44)], client: digest(0x66))
        #expect(try await bench.run(step) == .failure(.sessionEnded))
    }

    @Test("is not opened after too many wrong passwords, until an administrator clears them")
    func failures() async throws {
        let bench = StepBench.ofAccounts
        _ = try await bench.run(RegisterAccount(customer, registration)).get()
        for _ in 0...LogIns.failuresMax {
            #expect(try await bench.run(RecordLogInFailure(of: customer, from: origin)) == .success(Done()))
        }
        #expect(bench.journal.committed == LogIndex(1 + LogIns.failuresMax))
        #expect(try await bench.run(StepBench.opening) == .failure(.blocked))
        _ = try await bench.run(ClearLogInFailures(of: customer)).get()
        _ = try await bench.run(StepBench.opening).get()
        let stranger = CustomerID(at: .noon, slot: customer.slot, random: 9)
        #expect(try await bench.run(ClearLogInFailures(of: stranger)) == .failure(.account(.notRegistered)))
    }
}
