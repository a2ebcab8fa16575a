import ActorSystem
import Commerce
import EventSourcing
import Schema
import Steps
import Wire

/// Ties the key of a request with receipts to its sender and to the whole request, before anything is received: the
/// receipts alone would say on which shards the key is known.
public struct ClaimReceipts: ShardStep {
    /// At the sender's slot.
    public let key: StepKey

    public init(_ key: StepKey) { self.key = key }

    public static var number: StepNumber { StepNumber(rawValue: 4) }
    public var slot: Slot { key.id.slot }

    public func run(in batch: Batch) throws(KeyReused) -> Done {
        if try batch.kept(under: key, refusing: KeyReused.self) == nil { batch.keep([], under: key) }
        return Done()
    }

    // MARK: - Bytes

    public func encode(into bytes: inout [UInt8]) { RecordWriter.append(to: &bytes) { $0.write(key) } }

    public init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        self = try FieldReader.whole(bytes) { fields throws(MalformedBytes) in ClaimReceipts(try fields.stepKey()) }
    }
}
