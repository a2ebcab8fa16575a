import ActorSystem
import Commerce
import EventSourcing
import Schema
import Steps
import Wire

/// Holds units of one SKU by hand, for a while, once for each key.
public struct ReserveStock: KeyedStep {
    public let sku: SKU
    public let hold: HoldID
    public let units: Units
    /// Counted from the record's time; 1 to `secondsMax`.
    public let seconds: Int64
    /// Compared with the version of the stock.
    public let conditions: Preconditions
    public let key: StepKey?
    /// Refused for a SKU of which no stock was ever kept: the catalogue does not have it.
    public let requiresStock: Bool

    /// A week: longer claims are orders.
    public static let secondsMax: Int64 = 7 * 86_400

    public init(
        _ sku: SKU, _ units: Units, as hold: HoldID, seconds: Int64, if conditions: Preconditions = Preconditions(),
        key: StepKey? = nil, requiresStock: Bool = false
    ) {
        self.sku = sku
        self.hold = hold
        self.units = units
        self.seconds = seconds
        self.conditions = conditions
        self.key = key
        self.requiresStock = requiresStock
    }

    public static var number: StepNumber { StepNumber(rawValue: 3) }
    public var slot: Slot { sku.slot }

    public func run(in batch: Batch) throws(StockRefusal) -> ReservationAnswer {
        if let kept = try kept(in: batch) { return ReservationAnswer(kept) }
        let until = batch.now + .seconds(seconds)
        let count = try batch.change(
            sku, .reserve(.manual(hold), units, until: until), if: conditions, requiresStock: requiresStock)
        let reserved = ReservedUnits(hold: hold, units: units, until: until, stock: count)
        batch.keep(KeptAnswer.bytes { $0.write(reserved) }, under: key)
        return .reserved(reserved, isRepeated: false)
    }
}

/// What a reservation by hand holds.
public struct ReservedUnits: Sendable, Hashable {
    public let hold: HoldID
    public let units: Units
    public let until: Timestamp
    /// After the reservation.
    public let stock: StockCount
}

/// What a reservation by hand is answered.
public enum ReservationAnswer: WireCodable, Hashable {
    /// `isRepeated` when the key had kept it.
    case reserved(ReservedUnits, isRepeated: Bool)
    /// As the gateway of an earlier version wrote it into the key: JSON, and where the reservation is found.
    case document([UInt8], location: String?)
}

// MARK: - Bytes

extension ReserveStock {
    public func encode(into bytes: inout [UInt8]) {
        RecordWriter.append(to: &bytes) { writer in
            writer.write(sku)
            writer.write(units)
            writer.write(hold)
            writer.writeVarint(UInt64(seconds))
            writer.write(conditions)
            writer.writeOptional(key)
            writer.write(requiresStock)
        }
    }

    public init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        self = try FieldReader.whole(bytes) { fields throws(MalformedBytes) in
            let (sku, units, hold) = (try fields.sku(), try fields.units(), try fields.identifier(HoldID.self))
            guard let seconds = Int64(exactly: try fields.varint()), (1...Self.secondsMax).contains(seconds) else {
                throw fields.malformed("no such time of a reservation")
            }
            return ReserveStock(
                sku, units, as: hold, seconds: seconds, if: try fields.preconditions(),
                key: try fields.optionalStepKey(), requiresStock: try fields.bool())
        }
    }
}

extension ReservationAnswer {
    init(_ kept: KeptAnswer) {
        guard !kept.isDocument else {
            self = .document(kept.body, location: kept.location)
            return
        }
        self = .reserved(kept.value { fields throws(MalformedBytes) in try fields.reservedUnits() }, isRepeated: true)
    }

    public func encode(into bytes: inout [UInt8]) {
        RecordWriter.append(to: &bytes) { writer in
            switch self {
            case .reserved(let reserved, let isRepeated):
                writer.append(isRepeated ? 2 : 1)
                writer.write(reserved)
            case .document(let text, let location):
                writer.append(3)
                writer.write(text)
                writer.writeOptional(location)
            }
        }
    }

    public init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        self = try FieldReader.whole(bytes) { fields throws(MalformedBytes) in
            switch try fields.byte() {
            case 1: .reserved(try fields.reservedUnits(), isRepeated: false)
            case 2: .reserved(try fields.reservedUnits(), isRepeated: true)
            case 3:
                .document(
                    try fields.keptDocument(),
                    location: try fields.optionalString(bytesMax: IdempotencyKey.locationBytesMax))
            default: throw fields.malformed("no such answer to a reservation")
            }
        }
    }
}

extension RecordWriter {
    fileprivate mutating func write(_ reserved: ReservedUnits) {
        write(reserved.hold)
        write(reserved.units)
        write(reserved.until)
        write(reserved.stock)
    }
}

extension FieldReader {
    fileprivate mutating func reservedUnits() throws(MalformedBytes) -> ReservedUnits {
        ReservedUnits(
            hold: try identifier(HoldID.self), units: try units(), until: try timestamp(), stock: try stockCount())
    }
}
