import ActorSystem
import Commerce
import EventSourcing
import Schema
import Steps
import Wire

/// Opens a session for a client whose password has been checked.
public struct OpenSession: ShardStep {
    /// At the account's slot.
    public let session: SessionID
    public let customer: CustomerID
    /// The hash that the password was checked against.
    public let verified: PasswordHash
    public let token: RefreshTokenDigest
    public let origin: LogInOrigin
    /// At most `Session.userAgentLengthMax` characters.
    public let userAgent: String

    /// A session that is not used for a month ends; so does one that is, and its holder logs in again.
    private static let lifetime = Duration.seconds(30 * 86_400)

    public init(
        _ session: SessionID, of customer: CustomerID, verified: PasswordHash, token: RefreshTokenDigest,
        from origin: LogInOrigin, userAgent: String
    ) {
        self.session = session
        self.customer = customer
        self.verified = verified
        self.token = token
        self.origin = origin
        self.userAgent = userAgent
    }

    public static var number: StepNumber { StepNumber(rawValue: 10) }
    public var slot: Slot { customer.slot }

    public func run(in batch: Batch) throws(AccountRefusal) -> TokenHolder {
        let account = batch.read(Account.self, customer).state
        // The holder who changed the password in the meantime meant to keep this log-in out.
        guard let holder = TokenHolder(account), account.profile?.passwordHash == verified else {
            throw .passwordChanged
        }
        try batch.recordLogIn(to: customer, from: origin)
        let opening = Session.Opening(
            customer: customer, token: token, expiresAt: batch.now + Self.lifetime, userAgent: userAgent,
            epoch: holder.epoch)
        do throws(Session.Refusal) {
            try batch.decide(Session.self, session, .open(opening))
        } catch { throw .session(error) }
        return holder
    }
}

// MARK: - Bytes

extension OpenSession {
    public func encode(into bytes: inout [UInt8]) {
        RecordWriter.append(to: &bytes) { writer in
            writer.write(session)
            writer.write(customer)
            writer.write(verified.text)
            writer.write(token.family)
            writer.write(token.rotation)
            writer.write(origin)
            writer.write(userAgent)
        }
    }

    public init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        self = try FieldReader.whole(bytes) { fields throws(MalformedBytes) in
            OpenSession(
                try fields.identifier(SessionID.self), of: try fields.identifier(CustomerID.self),
                verified: try fields.passwordHash(),
                token: RefreshTokenDigest(family: try fields.digest(), rotation: try fields.digest()),
                from: try fields.logInOrigin(),
                userAgent: try fields.string(bytesMax: 4 * Session.userAgentLengthMax))
        }
    }
}
