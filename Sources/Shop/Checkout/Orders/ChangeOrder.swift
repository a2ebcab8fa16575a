import ActorSystem
import Commerce
import EventSourcing
import Schema
import Steps
import Wire

/// Takes one step of an order's later life: cancel, ship, deliver, refund, correct the address.
public struct ChangeOrder: KeyedStep {
    public let id: OrderID
    /// None that places the order or says what became of its payment.
    public let command: Order.Command
    /// Whose order it must be; nil for staff.
    public let customer: CustomerID?
    /// On the order's slot.
    public let key: StepKey?
    /// Compared with the version of the order.
    public let conditions: Preconditions

    public init(
        _ id: OrderID, _ command: Order.Command, of customer: CustomerID?,
        if conditions: Preconditions = Preconditions(), key: StepKey? = nil
    ) {
        self.id = id
        self.command = command
        self.customer = customer
        self.key = key
        self.conditions = conditions
    }

    public static var number: StepNumber { StepNumber(rawValue: 21) }
    public var slot: Slot { id.slot }

    public func run(in batch: Batch) throws(OrderChangeRefusal) -> OrderAnswer {
        let order = batch.read(Order.self, id)
        guard order.exists, customer == nil || order.state.customer == customer else { throw .notFound }
        if let standing = try standing(in: batch) {
            guard standing == .order(id) else { throw .keyReused }
            return OrderAnswer(order: order, isReplay: true)
        }
        do throws(ConditionFailure) {
            try conditions.compare(.tagged(EntityTag(version: order.version)))
        } catch { throw .condition(error) }
        do throws(Order.Refusal) {
            try OrderChange.take(command, id, in: batch)
        } catch { throw .order(error) }
        claimKey(in: batch)
        return OrderAnswer(order: batch.read(Order.self, id), isReplay: false)
    }

    private func claimKey(in batch: Batch) {
        guard let key else { return }
        do throws(IdempotencyKey.Refusal) {
            try batch.decide(
                IdempotencyKey.self, key.id,
                .claim(
                    fingerprint: key.fingerprint, subject: .order(id), expiresAt: batch.now + StepKey.lifetime))
        } catch {
            preconditionFailure("a key that does not stand refused: \(error)")
        }
    }
}

/// Why an order was not changed.
public enum OrderChangeRefusal: KeyedRefusal, Equatable {
    /// There is no such order, or it is another customer's.
    case notFound
    /// The order is not at a version that the client accepts.
    case condition(ConditionFailure)
    case order(Order.Refusal)
    /// The idempotency key names another request.
    case keyReused

    public var isKept: Bool { if case .order = self { true } else { false } }
}

// MARK: - Bytes

extension ChangeOrder {
    public func encode(into bytes: inout [UInt8]) {
        RecordWriter.append(to: &bytes) { writer in
            writer.write(id)
            writer.write(ofClient: command)
            writer.writeOptional(customer) { $0.write($1) }
            writer.writeOptional(key)
            writer.write(conditions)
        }
    }

    public init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        self = try FieldReader.whole(bytes) { fields throws(MalformedBytes) in
            let (id, command) = (try fields.identifier(OrderID.self), try fields.commandOfClient())
            let (customer, key) = (try fields.optionalIdentifier(CustomerID.self), try fields.optionalStepKey())
            return ChangeOrder(id, command, of: customer, if: try fields.preconditions(), key: key)
        }
    }
}

extension OrderChangeRefusal {
    public func encode(into bytes: inout [UInt8]) {
        RecordWriter.append(to: &bytes) { writer in
            switch self {
            case .notFound: writer.append(1)
            case .condition(let failure):
                writer.append(2)
                writer.write(failure)
            case .order(let refusal):
                writer.append(3)
                writer.write(refusal)
            case .keyReused: writer.append(4)
            }
        }
    }

    public init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        self = try FieldReader.whole(bytes) { fields throws(MalformedBytes) in
            switch try fields.byte() {
            case 1: .notFound
            case 2: .condition(try fields.conditionFailure())
            case 3: .order(try fields.refusalOfOrder())
            case 4: .keyReused
            default: throw fields.malformed("no such refusal of a change of an order")
            }
        }
    }
}
