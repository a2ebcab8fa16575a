import ActorSystem
import Commerce
import EventSourcing
import Schema
import Wire

/// Fields of the steps of a checkout.
extension RecordWriter {
    mutating func write(_ shard: ShardID) { write(shard.rawValue) }
    mutating func write(_ index: LogIndex) { writeVarint(index.rawValue) }
    mutating func write(_ duration: Duration) { write(Timestamp.zero + duration) }

    mutating func write(_ order: Versioned<Order>) {
        write(order.state.id)
        write(order.encoded())
    }

    mutating func write(_ key: IdempotencyKeyID) {
        write(key.slot.rawValue)
        write(key.digest)
    }
}

extension FieldReader {
    mutating func index() throws(MalformedBytes) -> LogIndex { LogIndex(try varint()) }
    mutating func duration() throws(MalformedBytes) -> Duration { try timestamp().since(.zero) }

    mutating func shard() throws(MalformedBytes) -> ShardID {
        let number = try uint16()
        guard number < Slot.count else { throw malformed("no such shard") }
        return ShardID(number)
    }

    mutating func order() throws(MalformedBytes) -> Versioned<Order> {
        let id = try identifier(OrderID.self)
        return try Versioned(row: try blob(), id: id)
    }

    mutating func keyID() throws(MalformedBytes) -> IdempotencyKeyID {
        let slot = try slot()
        return IdempotencyKeyID(slot: slot, digest: try digest())
    }

    mutating func unitsOfSKUs() throws(MalformedBytes) -> [SKUUnits] {
        try array(bytesMin: 3) { f throws(MalformedBytes) in try f.skuUnits() }
    }

    mutating func shortages() throws(MalformedBytes) -> [Shortage] {
        try array(bytesMin: 4) { f throws(MalformedBytes) in try f.shortage() }
    }
}
