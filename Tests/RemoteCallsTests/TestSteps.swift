import ActorSystem
import Commerce
import EventSourcing
import Schema
import Synchronization
import Wire

/// Puts units of one SKU on the shelf.
struct Add: ShardStep {
    enum Refused: UInt8, Error { case thirteen = 13 }

    let units: UInt16

    static let number = StepNumber(rawValue: 900)
    static let sku = SKU("SKU-1")!
    var slot: Slot { Self.sku.slot }

    func run(in batch: Batch) throws(Refused) -> Total {
        guard units > 0, units != 13, let units = Units(Int64(units)) else { throw .thirteen }
        do {
            try batch.decide(Stock.self, Self.sku, .receive(units, reference: nil))
        } catch {
            preconditionFailure("goods are always received: \(error)")
        }
        return Total(units: UInt32(batch.read(Stock.self, Self.sku).state.onHand.rawValue))
    }
}

struct Total: WireCodable, Equatable { let units: UInt32 }

/// Writes down that it was run.
struct Mark: ShardStep {
    let number: UInt32

    static let number = StepNumber(rawValue: 901)
    static let seen = Mutex<[UInt32]>([])
    var slot: Slot { Add.sku.slot }

    func run(in batch: Batch) throws(Never) -> Done {
        Self.seen.withLock { $0.append(number) }
        return Done()
    }
}

/// Has a number that no node takes.
struct Strange: ShardStep {
    static let number = StepNumber(rawValue: 902)
    var slot: Slot { Add.sku.slot }
    func run(in batch: Batch) throws(Never) -> Done { Done() }
    init() {}
    func encode(into bytes: inout [UInt8]) {}
    init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        preconditionFailure("a step is read that no node takes")
    }
}

// MARK: - Bytes

extension Add {
    func encode(into bytes: inout [UInt8]) { RecordWriter.append(to: &bytes) { $0.write(units) } }
    init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        units = try readAll(bytes) { reader throws(ReadFailure) in try reader.readUInt16() }
    }
}

extension Mark {
    func encode(into bytes: inout [UInt8]) { RecordWriter.append(to: &bytes) { $0.write(number) } }
    init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        number = try readAll(bytes) { reader throws(ReadFailure) in try reader.readUInt32() }
    }
}

extension Total {
    func encode(into bytes: inout [UInt8]) { RecordWriter.append(to: &bytes) { $0.write(units) } }
    init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        units = try readAll(bytes) { reader throws(ReadFailure) in try reader.readUInt32() }
    }
}

extension Add.Refused: WireCodable {
    func encode(into bytes: inout [UInt8]) { bytes.append(rawValue) }
    init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        let code = try readAll(bytes) { reader throws(ReadFailure) in try reader.readByte() }
        guard let refusal = Self(rawValue: code) else { throw MalformedBytes("no refusal", at: 0) }
        self = refusal
    }
}

private func readAll<Value>(
    _ bytes: ArraySlice<UInt8>, _ body: (inout RecordReader) throws(ReadFailure) -> Value
) throws(MalformedBytes) -> Value {
    var reader = RecordReader(bytes)
    do throws(ReadFailure) {
        let value = try body(&reader)
        try reader.finish()
        return value
    } catch {
        throw MalformedBytes("not what it says", at: error.offset)
    }
}
