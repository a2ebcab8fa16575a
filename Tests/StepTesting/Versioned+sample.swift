import ActorSystem
import EventSourcing
import Wire

extension Versioned {
    /// A committed state that no log made.
    public static func sample(
        _ state: A, of id: A.ID, version: UInt64, index: UInt64
    ) throws(MalformedBytes) -> Versioned {
        var writer = RecordWriter()
        writer.writeVarint(version)
        writer.writeVarint(index)
        var bytes = writer.bytes
        state.encodeState(into: &bytes)
        return try Versioned(row: bytes, id: id)
    }
}
