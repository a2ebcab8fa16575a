import ActorSystem
import Commerce
import EventSourcing
import Schema
import Wire

/// Fulfils orders that were paid, and moves the inventory consumer on.
struct FulfilOrders: ShardStep {
    /// The orders' shard.
    let shard: ShardID
    let orders: [OrderID]
    /// With this step everything in the shard's log up to here has had its effect.
    let last: LogIndex

    static var number: StepNumber { StepNumber(rawValue: 27) }
    var slot: Slot { shard.firstSlot }

    func run(in batch: Batch) throws(Never) -> Done {
        for order in orders {
            // An order that has been cancelled since is no longer to be fulfilled.
            _ = Result { () throws(Order.Refusal) in try OrderChange.take(.fulfill, order, in: batch) }
        }
        ConsumerPosition.advance(ConsumerPositionID(.inventory, of: shard, on: shard), to: last, in: batch)
        return Done()
    }
}

// MARK: - Bytes

extension FulfilOrders {
    func encode(into bytes: inout [UInt8]) {
        RecordWriter.append(to: &bytes) { writer in
            writer.write(shard)
            writer.writeArray(orders) { $0.write($1) }
            writer.write(last)
        }
    }

    init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        self = try FieldReader.whole(bytes) { fields throws(MalformedBytes) in
            FulfilOrders(
                shard: try fields.shard(),
                orders: try fields.array(bytesMin: 16) { f throws(MalformedBytes) in try f.identifier(OrderID.self) },
                last: try fields.index())
        }
    }
}
