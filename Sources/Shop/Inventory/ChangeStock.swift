import ActorSystem
import Commerce
import EventSourcing
import Schema
import Steps
import Wire

/// Changes the stock of one SKU, once for each key: what a warehouse does, and what is done by hand to a reservation.
///
/// What orders do to stock goes with the orders.
public struct ChangeStock: KeyedStep {
    public let sku: SKU
    /// Any but `reserve`, `restock` and `expire`, which no client asks for in this way.
    public let command: Stock.Command
    /// Compared with the version of the stock.
    public let conditions: Preconditions
    public let key: StepKey?
    /// Refused for a SKU of which no stock was ever kept: the catalogue does not have it.
    public let requiresStock: Bool

    public init(
        _ sku: SKU, _ command: Stock.Command, if conditions: Preconditions = Preconditions(), key: StepKey? = nil,
        requiresStock: Bool = false
    ) {
        self.sku = sku
        self.command = command
        self.conditions = conditions
        self.key = key
        self.requiresStock = requiresStock
    }

    public static var number: StepNumber { StepNumber(rawValue: 1) }
    public var slot: Slot { sku.slot }

    public func run(in batch: Batch) throws(StockRefusal) -> StockAnswer {
        if let kept = try kept(in: batch) { return StockAnswer(kept) }
        let count = try batch.change(sku, command, if: conditions, requiresStock: requiresStock)
        batch.keep(KeptAnswer.bytes { $0.write(count) }, under: key)
        return .changed(count, isRepeated: false)
    }
}

extension Batch {
    /// Changes the stock of a SKU when the conditions hold.
    ///
    /// - Returns: what is there after it.
    func change(
        _ sku: SKU, _ command: Stock.Command, if conditions: Preconditions, requiresStock: Bool
    ) throws(StockRefusal) -> StockCount {
        let before = look(at: Stock.self, sku) { $0.version }
        guard !requiresStock || before > 0 else { throw .unknownSKU }
        do throws(ConditionFailure) {
            try conditions.compare(.tagged(EntityTag(version: before)))
        } catch { throw .condition(error) }
        do throws(Stock.Refusal) {
            try decide(Stock.self, sku, command)
        } catch { throw .stock(error) }
        return look(at: Stock.self, sku) { StockCount($0) }
    }
}

// MARK: - Bytes

extension ChangeStock {
    public func encode(into bytes: inout [UInt8]) {
        RecordWriter.append(to: &bytes) { writer in
            writer.write(sku)
            writer.write(command)
            writer.write(conditions)
            writer.writeOptional(key)
            writer.write(requiresStock)
        }
    }

    public init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        self = try FieldReader.whole(bytes) { fields throws(MalformedBytes) in
            ChangeStock(
                try fields.sku(), try fields.stockCommand(), if: try fields.preconditions(),
                key: try fields.optionalStepKey(), requiresStock: try fields.bool())
        }
    }
}

extension RecordWriter {
    fileprivate mutating func write(_ command: Stock.Command) {
        switch command {
        case .receive(let units, let reference):
            append(1)
            write(units)
            writeOptional(reference)
        case .adjust(let delta, let reason):
            append(2)
            writeSigned(delta)
            write(reason)
        case .set(let target, let expected, let reason):
            append(3)
            write(target)
            write(expected)
            write(reason)
        case .release(let id):
            append(4)
            write(id)
        case .fulfill(let id):
            append(5)
            write(id)
        case .reserve, .restock, .expire:
            preconditionFailure("\(command) is no command of this step")
        }
    }
}

extension FieldReader {
    fileprivate mutating func stockCommand() throws(MalformedBytes) -> Stock.Command {
        switch try byte() {
        case 1: .receive(try units(), reference: try stockReference())
        case 2: .adjust(delta: try signed(), reason: try adjustmentReason(noteBytesMax: Self.noteBytesMax))
        case 3:
            .set(
                to: try units(), expected: try units(), reason: try adjustmentReason(noteBytesMax: Self.noteBytesMax))
        case 4: .release(try reservationID())
        case 5: .fulfill(try reservationID())
        default: throw malformed("no such command of a change of stock")
        }
    }

    /// Four bytes a character; the rule counts the characters.
    private static var noteBytesMax: Int { 4 * AdjustmentReason.noteLengthMax }

    /// Of a delivery.
    mutating func stockReference() throws(MalformedBytes) -> String? {
        try optionalString(bytesMax: 4 * Stock.referenceLengthMax)
    }
}
