import ActorSystem
import Commerce
import EventSourcing
import Schema
import Wire

/// Counts what orders of one shard have sold, and what has come back, once.
struct CountSales: ShardStep {
    /// Of the orders.
    let source: ShardID
    /// What is counted stands behind this place of the source's log…
    let first: LogIndex
    /// …and up to here.
    let last: LogIndex
    /// Ascending by product.
    let changes: [Sales.Change]

    static var number: StepNumber { StepNumber(rawValue: 29) }
    var slot: Slot { .catalogue }

    func run(in batch: Batch) throws(SalesCountedElsewhere) -> Done {
        let position = ConsumerPositionID(.catalogue, of: source, on: .catalogue)
        guard batch.read(ConsumerPosition.self, position).state.position == first else {
            throw SalesCountedElsewhere()
        }
        for change in changes {
            if !change.sold.isEmpty { count(.recordUnitsSold(change.sold), of: change.product, in: batch) }
            if !change.returned.isEmpty { count(.recordUnitsReturned(change.returned), of: change.product, in: batch) }
        }
        ConsumerPosition.advance(position, to: last, in: batch)
        return Done()
    }

    /// A product that is gone counts nothing.
    private func count(_ command: Product.Command, of product: ProductID, in batch: Batch) {
        _ = Result { () throws(Product.Refusal) in try batch.decide(Product.self, product, command) }
    }
}

/// Another node, which leads the source too for a moment, has counted some of it: what is left to count begins at its
/// position. It has no bytes.
struct SalesCountedElsewhere: Error, WireCodable, Equatable {}

// MARK: - Bytes

extension CountSales {
    func encode(into bytes: inout [UInt8]) {
        RecordWriter.append(to: &bytes) { writer in
            writer.write(source)
            writer.write(first)
            writer.write(last)
            writer.writeArray(changes) { writer, change in
                writer.write(change.product)
                writer.writeArray(change.sold) { $0.write($1) }
                writer.writeArray(change.returned) { $0.write($1) }
            }
        }
    }

    init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        self = try FieldReader.whole(bytes) { fields throws(MalformedBytes) in
            let (source, first, last) = (try fields.shard(), try fields.index(), try fields.index())
            let changes = try fields.array(bytesMin: 18) { f throws(MalformedBytes) in
                Sales.Change(
                    product: try f.identifier(ProductID.self), sold: try f.unitsOfSKUs(),
                    returned: try f.unitsOfSKUs())
            }
            return CountSales(source: source, first: first, last: last, changes: changes)
        }
    }
}

extension SalesCountedElsewhere {
    func encode(into bytes: inout [UInt8]) {}

    init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        guard bytes.isEmpty else { throw MalformedBytes("bytes follow the last field", at: 0) }
    }
}
