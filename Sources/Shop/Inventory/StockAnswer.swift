import ActorSystem
import Commerce
import EventSourcing
import Schema
import Steps
import Wire

/// How much there is of a SKU, without the reservations, of which there may be a hundred thousand.
public struct StockCount: Sendable, Hashable {
    public let sku: SKU
    public let onHand: Units
    /// At most `onHand`.
    public let reserved: Units
    public let version: UInt64

    public init(_ stock: Versioned<Stock>) {
        sku = stock.state.id
        onHand = stock.state.onHand
        reserved = stock.state.reserved
        version = stock.version
    }

    init?(sku: SKU, onHand: Units, reserved: Units, version: UInt64) {
        guard reserved <= onHand else { return nil }
        self.sku = sku
        self.onHand = onHand
        self.reserved = reserved
        self.version = version
    }

    public var available: Units { onHand.subtracting(reserved)! }
}

/// What a change of stock is answered.
public enum StockAnswer: WireCodable, Hashable {
    /// What is there after the change; `isRepeated` when the key had kept it.
    case changed(StockCount, isRepeated: Bool)
    /// As the gateway of an earlier version wrote it into the key: JSON.
    case document([UInt8])
}

/// Why a change of stock was refused.
public enum StockRefusal: KeyedRefusal, Equatable {
    /// The key stands for another request.
    case keyReused
    /// No stock of it was ever kept, and the catalogue does not have it.
    case unknownSKU
    case condition(ConditionFailure)
    case stock(Stock.Refusal)

    public var isKept: Bool {
        switch self {
        case .keyReused, .condition: false
        case .unknownSKU, .stock: true
        }
    }
}

// MARK: - Bytes

extension StockAnswer {
    init(_ kept: KeptAnswer) {
        guard !kept.isDocument else {
            self = .document(kept.body)
            return
        }
        self = .changed(kept.value { fields throws(MalformedBytes) in try fields.stockCount() }, isRepeated: true)
    }

    public func encode(into bytes: inout [UInt8]) {
        RecordWriter.append(to: &bytes) { writer in
            switch self {
            case .changed(let count, let isRepeated):
                writer.append(isRepeated ? 2 : 1)
                writer.write(count)
            case .document(let text):
                writer.append(3)
                writer.write(text)
            }
        }
    }

    public init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        self = try FieldReader.whole(bytes) { fields throws(MalformedBytes) in
            switch try fields.byte() {
            case 1: .changed(try fields.stockCount(), isRepeated: false)
            case 2: .changed(try fields.stockCount(), isRepeated: true)
            case 3: .document(try fields.keptDocument())
            default: throw fields.malformed("no such answer to a change of stock")
            }
        }
    }
}

extension StockRefusal {
    public func encode(into bytes: inout [UInt8]) {
        RecordWriter.append(to: &bytes) { writer in
            switch self {
            case .keyReused: writer.append(1)
            case .unknownSKU: writer.append(2)
            case .condition(let failure):
                writer.append(3)
                writer.write(failure)
            case .stock(let refusal):
                writer.append(4)
                writer.write(refusal)
            }
        }
    }

    public init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        self = try FieldReader.whole(bytes) { fields throws(MalformedBytes) in
            switch try fields.byte() {
            case 1: .keyReused
            case 2: .unknownSKU
            case 3: .condition(try fields.conditionFailure())
            case 4: .stock(try fields.stockRefusal())
            default: throw fields.malformed("no such refusal of a change of stock")
            }
        }
    }
}

extension RecordWriter {
    mutating func write(_ count: StockCount) {
        write(count.sku)
        write(count.onHand)
        write(Mistake.answerFieldLost.isMade ? 0 : count.reserved)
        writeVarint(count.version)
    }

    mutating func write(_ refusal: Stock.Refusal) {
        switch refusal {
        case .insufficientStock(let available):
            append(1)
            write(available)
        case .reservationNotHeld: append(2)
        case .reservationConflict(let units):
            append(3)
            write(units)
        case .stale(let onHand):
            append(4)
            write(onHand)
        case .wouldGoBelowReserved(let reserved):
            append(5)
            write(reserved)
        case .quantityZero: append(6)
        case .deadlinePassed: append(7)
        case .limitExceeded(.onHand): append(8)
        case .limitExceeded(.holds): append(9)
        case .limitExceeded(.reference): append(10)
        case .limitExceeded(.note): append(11)
        }
    }
}

extension FieldReader {
    /// What an earlier version kept in a key.
    mutating func keptDocument() throws(MalformedBytes) -> [UInt8] {
        try blob(bytesMax: IdempotencyKey.answerBytesMax)
    }

    mutating func stockCount() throws(MalformedBytes) -> StockCount {
        let (sku, onHand, reserved, version) = (try sku(), try units(), try units(), try varint())
        guard let count = StockCount(sku: sku, onHand: onHand, reserved: reserved, version: version) else {
            throw malformed("more units are reserved than are on hand")
        }
        return count
    }

    mutating func stockRefusal() throws(MalformedBytes) -> Stock.Refusal {
        switch try byte() {
        case 1: .insufficientStock(available: try units())
        case 2: .reservationNotHeld
        case 3: .reservationConflict(units: try units())
        case 4: .stale(onHand: try units())
        case 5: .wouldGoBelowReserved(reserved: try units())
        case 6: .quantityZero
        case 7: .deadlinePassed
        case 8: .limitExceeded(.onHand)
        case 9: .limitExceeded(.holds)
        case 10: .limitExceeded(.reference)
        case 11: .limitExceeded(.note)
        default: throw malformed("no such refusal of stock")
        }
    }
}
