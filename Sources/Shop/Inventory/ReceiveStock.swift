import ActorSystem
import Commerce
import EventSourcing
import Schema
import Steps
import Wire

/// Receives units of many SKUs of one shard, once for each key. Each receipt stands for itself.
public struct ReceiveStock: KeyedStep {
    /// Of the shard.
    public let slot: Slot
    /// At most `receiptsMax`, all of SKUs of the shard.
    public let receipts: [Receipt]
    public let key: StepKey?

    public struct Receipt: Sendable, Hashable {
        public let sku: SKU
        public let units: Units
        /// Names the delivery.
        public let reference: String?
        /// Taken only by a SKU whose stock has never moved: the same receipt twice is one.
        public let isInitial: Bool
        /// Refused for a SKU of which no stock was ever kept: the catalogue does not have it.
        public let requiresStock: Bool

        public init(_ sku: SKU, _ units: Units, reference: String?, isInitial: Bool, requiresStock: Bool) {
            self.sku = sku
            self.units = units
            self.reference = reference
            self.isInitial = isInitial
            self.requiresStock = requiresStock
        }
    }

    /// As many as a warehouse's delivery note has lines.
    public static let receiptsMax = 1_000

    public init(_ receipts: [Receipt], on slot: Slot, key: StepKey? = nil) {
        self.receipts = receipts
        self.slot = slot
        self.key = key
    }

    public static var number: StepNumber { StepNumber(rawValue: 5) }

    public func run(in batch: Batch) throws(KeyReused) -> ReceiptAnswer {
        if let kept = try kept(in: batch) {
            let outcomes = try KeptReceipts(kept).outcomes(of: receipts, in: batch)
            return ReceiptAnswer(outcomes: outcomes, isRepeated: true)
        }
        let outcomes = receipts.map { receive($0, in: batch) }
        batch.keep(KeptReceipts(outcomes).bytes, under: key)
        return ReceiptAnswer(outcomes: outcomes, isRepeated: false)
    }

    private func receive(_ receipt: Receipt, in batch: Batch) -> ReceiptOutcome {
        let before = batch.look(at: Stock.self, receipt.sku) { StockCount($0) }
        guard !receipt.requiresStock || before.version > 0 else { return .refused(.unknownSKU) }
        guard !receipt.isInitial || before.version == 0 else { return .refused(.hasMoved(onHand: before.onHand)) }
        do throws(Stock.Refusal) {
            try batch.decide(Stock.self, receipt.sku, .receive(receipt.units, reference: receipt.reference))
        } catch {
            return .refused(.stock(error))
        }
        return .received(batch.look(at: Stock.self, receipt.sku) { StockCount($0) })
    }
}

// MARK: - Bytes

extension ReceiveStock {
    public func encode(into bytes: inout [UInt8]) {
        RecordWriter.append(to: &bytes) { writer in
            writer.write(slot.rawValue)
            writer.writeArray(receipts) { writer, receipt in
                writer.write(receipt.sku)
                writer.write(receipt.units)
                writer.writeOptional(receipt.reference)
                writer.write(receipt.isInitial)
                writer.write(receipt.requiresStock)
            }
            writer.writeOptional(key)
        }
    }

    public init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        self = try FieldReader.whole(bytes) { fields throws(MalformedBytes) in
            let slot = try fields.slot()
            let receipts = try fields.array(bytesMin: 6, countMax: Self.receiptsMax) { f throws(MalformedBytes) in
                Receipt(
                    try f.sku(), try f.units(), reference: try f.stockReference(), isInitial: try f.bool(),
                    requiresStock: try f.bool())
            }
            return ReceiveStock(receipts, on: slot, key: try fields.optionalStepKey())
        }
    }
}
