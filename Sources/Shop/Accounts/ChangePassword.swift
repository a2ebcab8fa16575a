import ActorSystem
import Commerce
import EventSourcing
import Schema
import Steps
import Wire

/// Changes the password of an account and ends its other sessions, in one record.
public struct ChangePassword: ShardStep {
    public let customer: CustomerID
    /// The hash that the current password was checked against.
    public let verified: PasswordHash
    public let replacement: PasswordHash
    /// The one that asks, and stays.
    public let session: SessionID
    public let origin: LogInOrigin

    public init(
        of customer: CustomerID, from verified: PasswordHash, to replacement: PasswordHash,
        keeping session: SessionID, at origin: LogInOrigin
    ) {
        self.customer = customer
        self.verified = verified
        self.replacement = replacement
        self.session = session
        self.origin = origin
    }

    public static var number: StepNumber { StepNumber(rawValue: 15) }
    public var slot: Slot { customer.slot }

    public func run(in batch: Batch) throws(AccountRefusal) -> AccountAnswer {
        let account = batch.read(Account.self, customer).state
        guard account.profile?.passwordHash == verified else { throw .passwordChanged }
        // What has ended since the request came must not live on as the session that is kept.
        let kept = batch.read(Session.self, session).state
        guard kept.isOpen(at: batch.now), account.admits(kept) else { throw .sessionEnded }
        try batch.recordLogIn(to: customer, from: origin)
        do throws(Account.Refusal) {
            try batch.decide(Account.self, customer, .changePassword(replacement, keeping: session))
        } catch { throw .account(error) }
        return AccountAnswer(account: batch.read(Account.self, customer))
    }
}

// MARK: - Bytes

extension ChangePassword {
    public func encode(into bytes: inout [UInt8]) {
        RecordWriter.append(to: &bytes) { writer in
            writer.write(customer)
            writer.write(verified.text)
            writer.write(replacement.text)
            writer.write(session)
            writer.write(origin)
        }
    }

    public init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        self = try FieldReader.whole(bytes) { fields throws(MalformedBytes) in
            ChangePassword(
                of: try fields.identifier(CustomerID.self), from: try fields.passwordHash(),
                to: try fields.passwordHash(), keeping: try fields.identifier(SessionID.self),
                at: try fields.logInOrigin())
        }
    }
}
