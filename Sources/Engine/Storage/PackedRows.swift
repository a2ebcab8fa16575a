import EventSourcing
import Wire

/// Rows as they lie in snapshots, one behind the other: a few hundred thousand of them are not taken apart into arrays.
///
///     { key (blob), value (blob) }
public struct PackedRows: Sendable {
    public let bytes: [UInt8]
    public let count: Int
    /// Where the first row is.
    private let start: Int

    /// - Throws: unless the bytes are rows, and nothing else.
    public init(_ bytes: [UInt8]) throws(ReadFailure) {
        var reader = RecordReader(bytes[...])
        count = try reader.readCount(bytesMin: 2)
        start = reader.offset
        for _ in 0..<2 * count { try reader.skipBlob() }
        try reader.finish()
        self.bytes = bytes
    }

    public init(_ rows: [StateRow]) {
        var writer = RecordWriter()
        writer.writeCount(rows.count)
        start = writer.bytes.count
        for row in rows {
            writer.write(row.key)
            writer.write(row.value)
        }
        bytes = writer.bytes
        count = rows.count
    }

    /// Hands each row to `body`, as a part of these bytes.
    public func forEachRow(
        _ body: (_ key: ArraySlice<UInt8>, _ value: ArraySlice<UInt8>) throws -> Void
    ) rethrows {
        var reader = RecordReader(bytes[start...])
        // They were passed over once, and are whole.
        while let key = try? reader.readBlob(), let value = try? reader.readBlob() { try body(key, value) }
    }

    /// Hands each row to `body`, as it lies here: valid until that returns.
    func forEach<Failure>(
        _ body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        try bytes.withUnsafeBufferPointer { bytes throws(Failure) in
            var reader = RecordReader(self.bytes[start...])
            let rows = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[start...])
            // They were passed over once, and are whole.
            while let key = try? reader.skipBlob(), let value = try? reader.skipBlob() {
                try body(UnsafeRawBufferPointer(rebasing: rows[key]), UnsafeRawBufferPointer(rebasing: rows[value]))
            }
        }
    }
}
