import ActorSystem
import Commerce
import EventSourcing
import Schema
import Wire

/// Holds the units of an order on one shard, all of them or none; unless the order may have gone on.
struct HoldUnits: ShardStep {
    let order: OrderID
    /// Ascending by SKU; all on `shard`.
    let units: [SKUUnits]
    /// Where the units are held.
    let shard: ShardID
    /// The order's shard.
    let home: ShardID
    /// The log of the order's shard was final up to here when the order was seen open.
    let index: LogIndex
    /// Says what is short, and holds nothing: the order is short elsewhere, and will give up what it holds.
    let isLookOnly: Bool

    static var number: StepNumber { StepNumber(rawValue: 23) }
    var slot: Slot { shard.firstSlot }

    func run(in batch: Batch) throws(Never) -> UnitsHeld {
        guard mayHold(in: batch) else { return .overtaken }
        return .short(isLookOnly ? batch.shortages(of: units, for: order) : batch.hold(units, for: order))
    }

    /// Whether units may be held for an order that was seen open: it is certain that its end releases them.
    ///
    /// What ends the order is done on other shards by the inventory consumer, in the order of the log. As long as that
    /// has not come past the place where the order was seen open, it has yet to do the end. A hold taken later would
    /// stay for ever.
    private func mayHold(in batch: Batch) -> Bool {
        guard shard != home else { return batch.look(at: Order.self, order) { $0.state.status == .placed } }
        let position = ConsumerPositionID(.inventory, of: home, on: shard)
        return batch.read(ConsumerPosition.self, position).state.position <= index
    }
}

/// What came of holding units.
enum UnitsHeld: WireCodable, Equatable {
    /// The SKUs of which there is too little, ascending; empty when all units are held.
    case short([Shortage])
    /// The order may have gone on: nothing is held.
    case overtaken
}

extension ShardID {
    /// The slots that belong to shard n begin with slot n.
    var firstSlot: Slot { Slot(rawValue) }
}

// MARK: - Bytes

extension HoldUnits {
    func encode(into bytes: inout [UInt8]) {
        RecordWriter.append(to: &bytes) { writer in
            writer.write(order)
            writer.writeArray(units) { $0.write($1) }
            writer.write(shard)
            writer.write(home)
            writer.write(index)
            writer.write(isLookOnly)
        }
    }

    init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        self = try FieldReader.whole(bytes) { fields throws(MalformedBytes) in
            HoldUnits(
                order: try fields.identifier(OrderID.self), units: try fields.unitsOfSKUs(), shard: try fields.shard(),
                home: try fields.shard(), index: try fields.index(), isLookOnly: try fields.bool())
        }
    }
}

extension UnitsHeld {
    func encode(into bytes: inout [UInt8]) {
        RecordWriter.append(to: &bytes) { writer in
            switch self {
            case .short(let shortages):
                writer.append(1)
                writer.writeArray(Mistake.shortagesLost.isMade ? [] : shortages) { $0.write($1) }
            case .overtaken: writer.append(2)
            }
        }
    }

    init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        self = try FieldReader.whole(bytes) { fields throws(MalformedBytes) in
            switch try fields.byte() {
            case 1: .short(try fields.shortages())
            case 2: .overtaken
            default: throw fields.malformed("nothing that comes of holding units")
            }
        }
    }
}
