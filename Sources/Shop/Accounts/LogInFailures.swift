import ActorSystem
import Commerce
import EventSourcing
import Schema
import Steps
import Wire

/// Records a wrong password; past the limit nothing is.
public struct RecordLogInFailure: ShardStep {
    public let customer: CustomerID
    public let origin: LogInOrigin

    public init(of customer: CustomerID, from origin: LogInOrigin) {
        self.customer = customer
        self.origin = origin
    }

    public static var number: StepNumber { StepNumber(rawValue: 12) }
    public var slot: Slot { customer.slot }

    public func run(in batch: Batch) throws(Never) -> Done {
        _ = Result { () throws(LogIns.Refusal) in try batch.decide(LogIns.self, customer, .fail(origin)) }
        return Done()
    }
}

/// Lets every client guess anew at the password of an account.
public struct ClearLogInFailures: ShardStep {
    public let customer: CustomerID

    public init(of customer: CustomerID) { self.customer = customer }

    public static var number: StepNumber { StepNumber(rawValue: 13) }
    public var slot: Slot { customer.slot }

    public func run(in batch: Batch) throws(AccountRefusal) -> Done {
        guard batch.look(at: Account.self, customer, { $0.exists }) else { throw .account(.notRegistered) }
        do throws(LogIns.Refusal) {
            try batch.decide(LogIns.self, customer, .clear)
        } catch { throw .blocked }
        return Done()
    }
}

extension Batch {
    /// Records a log-in with the right password.
    func recordLogIn(to customer: CustomerID, from origin: LogInOrigin) throws(AccountRefusal) {
        do throws(LogIns.Refusal) {
            try decide(LogIns.self, customer, .succeed(origin))
        } catch { throw .blocked }
    }
}

// MARK: - Bytes

extension RecordLogInFailure {
    public func encode(into bytes: inout [UInt8]) {
        RecordWriter.append(to: &bytes) { writer in
            writer.write(customer)
            writer.write(origin)
        }
    }

    public init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        self = try FieldReader.whole(bytes) { fields throws(MalformedBytes) in
            RecordLogInFailure(of: try fields.identifier(CustomerID.self), from: try fields.logInOrigin())
        }
    }
}

extension ClearLogInFailures {
    public func encode(into bytes: inout [UInt8]) { RecordWriter.append(to: &bytes) { $0.write(customer) } }

    public init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        self = try FieldReader.whole(bytes) { fields throws(MalformedBytes) in
            ClearLogInFailures(of: try fields.identifier(CustomerID.self))
        }
    }
}
