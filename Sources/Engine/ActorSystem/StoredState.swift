import EventSourcing
import Wire

/// A saved aggregate as its row has it: its state is read when it is asked for.
public struct StoredState<A: Recorded>: Sendable {
    public let id: A.ID
    /// The number of events that made the state.
    public let version: UInt64
    /// The record of the last of them.
    public let index: LogIndex
    /// The state's byte form.
    public let bytes: ArraySlice<UInt8>

    init(row: ArraySlice<UInt8>, id: A.ID) throws(MalformedBytes) {
        self.id = id
        var reader = RecordReader(row)
        do {
            version = try reader.readVarint()
            index = LogIndex(try reader.readVarint())
        } catch {
            throw MalformedBytes("a state row ends early", at: error.offset)
        }
        bytes = row.dropFirst(reader.offset)
    }

    /// The aggregate, read.
    public func read() throws(MalformedBytes) -> Versioned<A> {
        Versioned(try A.decodeState(bytes, id: id), version: version, index: index)
    }
}
