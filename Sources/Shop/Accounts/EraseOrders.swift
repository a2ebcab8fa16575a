import ActorSystem
import Commerce
import EventSourcing
import Schema
import Wire

/// Takes what is personal out of orders of one customer: the first half of an erasure (`EraseAccount`).
public struct EraseOrders: ShardStep {
    public let customer: CustomerID
    /// 1 to `ordersMax`. One that is another customer's is left alone.
    public let orders: [OrderID]

    /// Each is an event of a few bytes; the owners of all are in memory at once.
    public static let ordersMax = 100

    public init(_ orders: [OrderID], of customer: CustomerID) {
        self.orders = orders
        self.customer = customer
    }

    public static var number: StepNumber { StepNumber(rawValue: 35) }
    public var slot: Slot { customer.slot }

    public func run(in batch: Batch) throws(AccountRefusal) -> Done {
        for id in orders where batch.look(at: Order.self, id, { $0.state.customer }) == customer {
            do throws(Order.Refusal) {
                try batch.decide(Order.self, id, .erasePersonalData)
            } catch { throw .orderUnderWay(id) }
        }
        return Done()
    }
}

// MARK: - Bytes

extension EraseOrders {
    public func encode(into bytes: inout [UInt8]) {
        RecordWriter.append(to: &bytes) { writer in
            writer.write(customer)
            writer.writeArray(orders) { $0.write($1) }
        }
    }

    public init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        self = try FieldReader.whole(bytes) { fields throws(MalformedBytes) in
            let customer = try fields.identifier(CustomerID.self)
            let orders = try fields.array(bytesMin: 16, countMax: Self.ordersMax) { f throws(MalformedBytes) in
                try f.identifier(OrderID.self)
            }
            guard orders.allSatisfy({ $0.slot == customer.slot }) else {
                throw fields.malformed("an order of another slot than its customer's")
            }
            return EraseOrders(orders, of: customer)
        }
    }
}
