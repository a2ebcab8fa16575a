import ActorSystem
import Commerce
import EventSourcing

/// Takes one step of an order's later life, and pays the refund that the order owes by then.
struct ChangeAndRefund: ShardProcedure {
    let change: ChangeOrder

    static var number: StepNumber { StepNumber(rawValue: 31) }
    var slot: Slot { change.slot }

    typealias Answer = OrderAnswer
    typealias Refusal = OrderChangeRefusal
}

// MARK: - Bytes

/// Those of the change.
extension ChangeAndRefund {
    func encode(into bytes: inout [UInt8]) { change.encode(into: &bytes) }

    init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) { change = try ChangeOrder(decoding: bytes) }
}
