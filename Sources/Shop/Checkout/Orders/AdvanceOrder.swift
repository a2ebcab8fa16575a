import ActorSystem
import Commerce
import EventSourcing
import Schema
import Wire

/// Records a command of the saga, with what it means for stock on the same shard. One that no longer fits changes
/// nothing: the order as it stands is the answer.
struct AdvanceOrder: ShardStep {
    let id: OrderID
    /// Rejects the order, or says what became of its payment or of a refund.
    let command: Order.Command
    /// The only version at which the command is still meant; nil for any.
    let version: UInt64?

    static var number: StepNumber { StepNumber(rawValue: 22) }
    var slot: Slot { id.slot }

    func run(in batch: Batch) throws(Never) -> OrderAnswer {
        if version == nil || batch.look(at: Order.self, id, { $0.version }) == version {
            _ = Result { () throws(Order.Refusal) in try OrderChange.take(command, id, in: batch) }
        }
        return OrderAnswer(order: batch.read(Order.self, id), isReplay: false)
    }
}

// MARK: - Bytes

extension AdvanceOrder {
    func encode(into bytes: inout [UInt8]) {
        RecordWriter.append(to: &bytes) { writer in
            writer.write(id)
            writer.write(ofSaga: command)
            writer.writeOptional(version) { $0.writeVarint($1) }
        }
    }

    init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        self = try FieldReader.whole(bytes) { fields throws(MalformedBytes) in
            AdvanceOrder(
                id: try fields.identifier(OrderID.self), command: try fields.commandOfSaga(),
                version: try fields.optional { f throws(MalformedBytes) in try f.varint() })
        }
    }
}

extension RecordWriter {
    fileprivate mutating func write(ofSaga command: Order.Command) {
        switch command {
        case .reject(let rejection):
            append(1)
            write(rejection)
        case .markPaymentUnknown: append(2)
        case .abandonPayment: append(3)
        case .confirmPayment(let charge):
            append(4)
            write(charge)
        case .confirmRefund(let refund, let number):
            append(5)
            write(refund)
            writeCount(number)
        case .place, .fulfill, .correctAddress, .ship, .deliver, .cancel, .refund, .refundPart, .erasePersonalData:
            preconditionFailure("\(command) is no command of this step")
        }
    }
}

extension FieldReader {
    fileprivate mutating func commandOfSaga() throws(MalformedBytes) -> Order.Command {
        switch try byte() {
        case 1: .reject(try rejection())
        case 2: .markPaymentUnknown
        case 3: .abandonPayment
        case 4: .confirmPayment(try reference(ChargeID.self))
        case 5: .confirmRefund(try reference(RefundID.self), number: try position())
        default: throw malformed("no such command of the saga")
        }
    }
}
