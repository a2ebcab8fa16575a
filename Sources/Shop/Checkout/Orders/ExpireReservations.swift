import ActorSystem
import Commerce
import EventSourcing
import Schema
import Wire

/// Ends the reservations of one SKU whose time is up.
struct ExpireReservations: ShardStep {
    let sku: SKU

    static var number: StepNumber { StepNumber(rawValue: 24) }
    var slot: Slot { sku.slot }

    func run(in batch: Batch) throws(Never) -> Done {
        do throws(Stock.Refusal) {
            try batch.decide(Stock.self, sku, .expire)
        } catch {
            preconditionFailure("an expiry is never refused: \(error)")
        }
        return Done()
    }
}

// MARK: - Bytes

extension ExpireReservations {
    func encode(into bytes: inout [UInt8]) { RecordWriter.append(to: &bytes) { $0.write(sku) } }

    init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        self = try FieldReader.whole(bytes) { fields throws(MalformedBytes) in
            ExpireReservations(sku: try fields.sku())
        }
    }
}
