import ActorSystem
import Commerce
import EventSourcing
import Schema
import Steps
import Wire

/// Ends one session of a customer. Refused with `.session(.notOpened)` when it is another's.
public struct EndSession: ShardStep {
    public let session: SessionID
    public let customer: CustomerID
    public let reason: Session.EndReason

    public init(_ session: SessionID, of customer: CustomerID, _ reason: Session.EndReason) {
        self.session = session
        self.customer = customer
        self.reason = reason
    }

    public static var number: StepNumber { StepNumber(rawValue: 14) }
    public var slot: Slot { session.slot }

    public func run(in batch: Batch) throws(AccountRefusal) -> Done {
        guard batch.read(Session.self, session).state.customer == customer else { throw .session(.notOpened) }
        do throws(Session.Refusal) {
            try batch.decide(Session.self, session, .end(reason))
        } catch { throw .session(error) }
        return Done()
    }
}

// MARK: - Bytes

extension EndSession {
    public func encode(into bytes: inout [UInt8]) {
        RecordWriter.append(to: &bytes) { writer in
            writer.write(session)
            writer.write(customer)
            writer.write(reason)
        }
    }

    public init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        self = try FieldReader.whole(bytes) { fields throws(MalformedBytes) in
            EndSession(
                try fields.identifier(SessionID.self), of: try fields.identifier(CustomerID.self),
                try fields.endReason())
        }
    }
}
