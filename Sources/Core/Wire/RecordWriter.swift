/// Appends fields to a byte array: fixed-width integers big-endian, counts and small numbers as LEB128 varints,
/// strings and blobs behind their length.
public struct RecordWriter: Sendable {
    public private(set) var bytes: [UInt8]

    public init(into bytes: consuming [UInt8] = []) { self.bytes = bytes }

    /// Appends to `bytes` in place, without copying what is there.
    public static func append(to bytes: inout [UInt8], _ body: (inout RecordWriter) -> Void) {
        var writer = RecordWriter(into: bytes.take())
        body(&writer)
        bytes = writer.bytes.take()
    }

    public mutating func write(_ value: UInt8) { append(value) }

    public mutating func write(_ value: UInt16) { writeBigEndian(value) }
    public mutating func write(_ value: UInt32) { writeBigEndian(value) }
    public mutating func write(_ value: UInt64) { writeBigEndian(value) }
    private mutating func writeBigEndian(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }

    public mutating func write(_ value: Bool) { append(value ? 1 : 0) }

    public mutating func append(_ byte: UInt8) { bytes.append(byte) }

    /// An unsigned LEB128 varint: seven bits a byte, low bits first.
    public mutating func writeVarint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    /// A signed varint, zigzag coded.
    public mutating func writeSigned(_ value: Int64) {
        writeVarint(UInt64(bitPattern: value << 1 ^ value >> 63))
    }

    public mutating func writeCount(_ count: Int) { writeVarint(UInt64(count)) }

    public mutating func write(_ text: String) {
        writeCount(text.utf8.count)
        bytes.append(contentsOf: text.utf8)
    }

    public mutating func write(_ blob: some Collection<UInt8>) {
        writeCount(blob.count)
        bytes.append(contentsOf: blob)
    }

    public mutating func write(_ blob: UnsafeRawBufferPointer) {
        writeCount(blob.count)
        bytes.append(contentsOf: blob)
    }

    /// A blob that `encode` appends to the bytes that it is given.
    public mutating func writeBlob(_ encode: (inout [UInt8]) -> Void) {
        // Most are short: their length then fits the one byte kept for it.
        let start = bytes.count
        bytes.append(0)
        encode(&bytes)
        let count = bytes.count - start - 1
        if count < 0x80 {
            bytes[start] = UInt8(count)
        } else {
            insertCount(count, at: start)
        }
    }

    private mutating func insertCount(_ count: Int, at start: Int) {
        var length = RecordWriter()
        length.writeCount(count)
        bytes.replaceSubrange(start...start, with: length.bytes)
    }

    /// Bytes whose length the reader knows.
    public mutating func writeRaw(_ raw: some Collection<UInt8>) { bytes.append(contentsOf: raw) }

    /// An absent value is one zero byte; a present one is a one and the value.
    public mutating func writeOptional<Value>(_ value: Value?, _ body: (inout RecordWriter, Value) -> Void) {
        write(value != nil)
        if let value { body(&self, value) }
    }

    public mutating func writeArray<Element>(_ elements: [Element], _ body: (inout RecordWriter, Element) -> Void) {
        writeCount(elements.count)
        for element in elements { body(&self, element) }
    }
}

extension [UInt8] {
    /// This array, leaving an empty one behind, so that the storage stays uniquely referenced.
    fileprivate mutating func take() -> [UInt8] {
        var taken: [UInt8] = []
        swap(&taken, &self)
        return taken
    }
}
