import ActorSystem
import Commerce
import EventSourcing
import Schema
import Wire

/// Ends an account for good, in one record: who its holder was is told no more, its sessions end, nothing is left of
/// its log-ins and its cart, and its e-mail address is free. Its orders come first (`EraseOrders`): as long as the
/// account is there, its holder can ask again.
public struct EraseAccount: ShardStep {
    public let customer: CustomerID
    /// The hash that the password was checked against.
    public let verified: PasswordHash

    public init(_ customer: CustomerID, verified: PasswordHash) {
        self.customer = customer
        self.verified = verified
    }

    public static var number: StepNumber { StepNumber(rawValue: 36) }
    public var slot: Slot { customer.slot }

    public func run(in batch: Batch) throws(AccountRefusal) -> Done {
        let account = batch.read(Account.self, customer).state
        guard let profile = account.profile else { throw .account(.notRegistered) }
        guard profile.passwordHash == verified else { throw .passwordChanged }
        do throws(Account.Refusal) {
            try batch.decide(Account.self, customer, .erase)
        } catch { throw .account(error) }
        do throws(EmailClaim.Refusal) {
            try batch.decide(EmailClaim.self, profile.email, .release(customer))
        } catch { preconditionFailure("an account has claimed the name that it logs in with: \(error)") }
        do throws(LogIns.Refusal) {
            try batch.decide(LogIns.self, customer, .erase)
        } catch { preconditionFailure("an erasure is never refused: \(error)") }
        do throws(Cart.Refusal) {
            try batch.decide(Cart.self, customer, .clear)
        } catch { preconditionFailure("an account's cart goes to no other: \(error)") }
        return Done()
    }
}

// MARK: - Bytes

extension EraseAccount {
    public func encode(into bytes: inout [UInt8]) {
        RecordWriter.append(to: &bytes) { writer in
            writer.write(customer)
            writer.write(verified.text)
        }
    }

    public init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        self = try FieldReader.whole(bytes) { fields throws(MalformedBytes) in
            EraseAccount(try fields.identifier(CustomerID.self), verified: try fields.passwordHash())
        }
    }
}
