import ActorSystem
import Commerce
import EventSourcing
import Schema
import Steps
import Wire

/// Gives an account another role. When it may do less than before, its sessions end in the same record.
public struct GrantRole: ShardStep {
    public let role: Role
    public let customer: CustomerID
    /// Compared with the version of the account.
    public let conditions: Preconditions

    public init(_ role: Role, to customer: CustomerID, if conditions: Preconditions = Preconditions()) {
        self.role = role
        self.customer = customer
        self.conditions = conditions
    }

    public static var number: StepNumber { StepNumber(rawValue: 16) }
    public var slot: Slot { customer.slot }

    public func run(in batch: Batch) throws(AccountRefusal) -> AccountAnswer {
        let before = batch.look(at: Account.self, customer) { $0.version }
        guard before > 0 else { throw .account(.notRegistered) }
        do throws(ConditionFailure) {
            try conditions.compare(.tagged(EntityTag(version: before)))
        } catch { throw .condition(error) }
        do throws(Account.Refusal) {
            try batch.decide(Account.self, customer, .grantRole(role))
        } catch { throw .account(error) }
        return AccountAnswer(account: batch.read(Account.self, customer))
    }
}

// MARK: - Bytes

extension GrantRole {
    public func encode(into bytes: inout [UInt8]) {
        RecordWriter.append(to: &bytes) { writer in
            writer.write(role)
            writer.write(customer)
            writer.write(conditions)
        }
    }

    public init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        self = try FieldReader.whole(bytes) { fields throws(MalformedBytes) in
            GrantRole(try fields.role(), to: try fields.identifier(CustomerID.self), if: try fields.preconditions())
        }
    }
}
