import ActorSystem
import Commerce
import EventSourcing
import Schema
import Steps
import Wire

/// What a request with receipts is answered.
public struct ReceiptAnswer: WireCodable, Equatable {
    /// In the order of the receipts.
    public let outcomes: [ReceiptOutcome]
    /// Whether they had been received before, under the same key.
    public let isRepeated: Bool
}

/// What became of one receipt.
public enum ReceiptOutcome: Sendable, Equatable {
    /// What is there after it; of a repeated one, what is there now.
    case received(StockCount)
    case refused(ReceiptRefusal)
    /// As the gateway of an earlier version wrote it into the key: JSON.
    case document([UInt8])
}

/// Why a receipt was not taken.
public enum ReceiptRefusal: Error, Sendable, Equatable {
    /// No stock of it was ever kept, and the catalogue does not have it.
    case unknownSKU
    /// It was to be the first, and the stock has moved before.
    case hasMoved(onHand: Units)
    case stock(Stock.Refusal)
}

/// What a key keeps of receipts: which were received, and why the others were not. How much there is can be read again.
enum KeptReceipts {
    /// Nil for what was received.
    case refusals([ReceiptRefusal?])
    /// As an earlier version wrote them: a JSON text a line.
    case documents([[UInt8]])

    init(_ outcomes: [ReceiptOutcome]) {
        self = .refusals(outcomes.map { if case .refused(let refusal) = $0 { refusal } else { nil } })
    }

    init(_ kept: KeptAnswer) {
        guard !kept.isDocument else {
            self = .documents(kept.body.split(separator: UInt8(ascii: "\n")).map { Array($0) })
            return
        }
        self = .refusals(
            kept.value { fields throws(MalformedBytes) in
                try fields.array(bytesMin: 1) { f throws(MalformedBytes) in
                    try f.optional { f throws(MalformedBytes) in try f.receiptRefusal() }
                }
            })
    }

    private var count: Int {
        switch self {
        case .refusals(let refusals): refusals.count
        case .documents(let documents): documents.count
        }
    }

    /// - Throws: where other receipts were kept: a restore with another number of shards has parted them otherwise.
    func outcomes(
        of receipts: [ReceiveStock.Receipt], in batch: Batch
    ) throws(KeyReused) -> [ReceiptOutcome] {
        guard count == receipts.count else { throw .keyReused }
        let present = { @Sendable (receipt: ReceiveStock.Receipt) in
            ReceiptOutcome.received(batch.look(at: Stock.self, receipt.sku) { StockCount($0) })
        }
        return switch self {
        case .refusals(let refusals):
            zip(receipts, refusals).map { receipt, refusal in
                refusal.map { ReceiptOutcome.refused($0) } ?? present(receipt)
            }
        case .documents(let lines):
            zip(receipts, lines).map { receipt, line in line == Self.received ? present(receipt) : .document(line) }
        }
    }

    /// Says of a receipt that it was taken.
    private static let received = Array(#"{"status":200}"#.utf8)

    /// At most a dozen for each of `ReceiveStock.receiptsMax`: far fewer than a key may keep.
    var bytes: [UInt8] {
        guard case .refusals(let refusals) = self else { preconditionFailure("documents are kept no more") }
        return KeptAnswer.bytes { writer in
            writer.writeArray(refusals) { writer, refusal in writer.writeOptional(refusal) { $0.write($1) } }
        }
    }
}

// MARK: - Bytes

extension ReceiptAnswer {
    public func encode(into bytes: inout [UInt8]) {
        RecordWriter.append(to: &bytes) { writer in
            writer.write(isRepeated)
            writer.writeArray(outcomes) { writer, outcome in
                switch outcome {
                case .received(let count):
                    writer.append(1)
                    writer.write(count)
                case .refused(let refusal):
                    writer.append(2)
                    writer.write(refusal)
                case .document(let text):
                    writer.append(3)
                    writer.write(text)
                }
            }
        }
    }

    public init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        self = try FieldReader.whole(bytes) { fields throws(MalformedBytes) in
            let isRepeated = try fields.bool()
            let outcomes = try fields.array(bytesMin: 2, countMax: ReceiveStock.receiptsMax) {
                f throws(MalformedBytes) -> ReceiptOutcome in
                switch try f.byte() {
                case 1: .received(try f.stockCount())
                case 2: .refused(try f.receiptRefusal())
                case 3: .document(try f.keptDocument())
                default: throw f.malformed("no such outcome of a receipt")
                }
            }
            return ReceiptAnswer(outcomes: outcomes, isRepeated: isRepeated)
        }
    }
}

extension RecordWriter {
    fileprivate mutating func write(_ refusal: ReceiptRefusal) {
        switch refusal {
        case .unknownSKU: append(1)
        case .hasMoved(let onHand):
            append(2)
            write(onHand)
        case .stock(let refusal):
            append(3)
            write(refusal)
        }
    }
}

extension FieldReader {
    fileprivate mutating func receiptRefusal() throws(MalformedBytes) -> ReceiptRefusal {
        switch try byte() {
        case 1: .unknownSKU
        case 2: .hasMoved(onHand: try units())
        case 3: .stock(try stockRefusal())
        default: throw malformed("no such refusal of a receipt")
        }
    }
}
