import ActorSystem
import Commerce
import EventSourcing
import Schema
import Wire

/// Does on one shard, once, what events of orders on another mean for its stock.
struct MoveStock: ShardStep {
    /// What one event of an order moves.
    struct Movement: Sendable {
        /// Of the record that holds the event.
        let index: LogIndex
        let order: OrderID
        let movement: StockMovement
        /// Ascending by SKU; all on the shard of the stock.
        let units: [SKUUnits]
    }

    /// Of the orders.
    let source: ShardID
    /// Of the stock.
    let target: ShardID
    /// In the order of the source's log.
    let movements: [Movement]
    /// With this step everything in the source's log up to here has had its effect on the target.
    let last: LogIndex

    static var number: StepNumber { StepNumber(rawValue: 28) }
    var slot: Slot { target.firstSlot }

    func run(in batch: Batch) throws(Never) -> Done {
        let position = ConsumerPositionID(.inventory, of: source, on: target)
        let done = batch.read(ConsumerPosition.self, position).state.position
        for movement in movements where movement.index > done {
            batch.move(movement.units, movement.movement, for: movement.order)
        }
        if !Mistake.effectWithoutPosition.isMade { ConsumerPosition.advance(position, to: last, in: batch) }
        return Done()
    }
}

// MARK: - Bytes

extension MoveStock {
    func encode(into bytes: inout [UInt8]) {
        RecordWriter.append(to: &bytes) { writer in
            writer.write(source)
            writer.write(target)
            writer.write(last)
            writer.writeArray(movements) { writer, movement in
                writer.write(movement.index)
                writer.write(movement.order)
                writer.append(movement.movement.rawValue)
                writer.writeArray(movement.units) { $0.write($1) }
            }
        }
    }

    init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        self = try FieldReader.whole(bytes) { fields throws(MalformedBytes) in
            let (source, target, last) = (try fields.shard(), try fields.shard(), try fields.index())
            let movements = try fields.array(bytesMin: 19) { f throws(MalformedBytes) in
                Movement(
                    index: try f.index(), order: try f.identifier(OrderID.self), movement: try f.stockMovement(),
                    units: try f.unitsOfSKUs())
            }
            return MoveStock(source: source, target: target, movements: movements, last: last)
        }
    }
}

extension FieldReader {
    fileprivate mutating func stockMovement() throws(MalformedBytes) -> StockMovement {
        guard let movement = StockMovement(rawValue: try byte()) else { throw malformed("no such movement of stock") }
        return movement
    }
}
