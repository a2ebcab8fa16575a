import EventSourcing
import Wire

/// Reads one aggregate on the leader of its shard.
struct ReadState<A: Recorded>: ShardStep {
    let id: A.ID

    /// Those from 256 on are of reads, in the order of the kinds.
    static var number: StepNumber { StepNumber(rawValue: 256 + UInt16(A.kind.rawValue)) }
    var slot: Slot { id.slot }

    func run(in batch: Batch) throws(Never) -> StateRead<A> {
        StateRead(id: id, value: batch.read(A.self, id), index: batch.committed)
    }
}

/// An aggregate, and the place in the log up to which it is final.
struct StateRead<A: Recorded>: WireCodable {
    let id: A.ID
    let value: Versioned<A>
    let index: LogIndex
}

// MARK: - Bytes

/// The bytes of the id.
extension ReadState {
    func encode(into bytes: inout [UInt8]) { id.encode(into: &bytes) }

    init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        guard let id = A.ID(encoded: bytes) else { throw MalformedBytes("an id that its kind does not know", at: 0) }
        self.id = id
    }
}

/// The index, the id behind its length, the row.
extension StateRead {
    func encode(into bytes: inout [UInt8]) {
        RecordWriter.append(to: &bytes) { writer in
            writer.write(index.rawValue)
            writer.writeBlob { id.encode(into: &$0) }
            writer.writeRaw(value.encoded())
        }
    }

    init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        var reader = RecordReader(bytes)
        let name: ArraySlice<UInt8>
        let row: [UInt8]
        do {
            index = LogIndex(try reader.readUInt64())
            name = try reader.readBlob()
            row = Array(try reader.readRaw(reader.remaining))
        } catch {
            throw MalformedBytes("a read that ends early", at: error.offset)
        }
        guard let id = A.ID(encoded: name) else { throw MalformedBytes("an id that its kind does not know", at: 0) }
        self.id = id
        value = try Versioned(row: row, id: id)
    }
}
