/// Reads what `RecordWriter` wrote. Every length is checked against what is left before anything is allocated.
public struct RecordReader {
    private let bytes: ArraySlice<UInt8>
    private var position: Int

    public init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        position = bytes.startIndex
    }

    public var remaining: Int { bytes.endIndex - position }
    /// Bytes read so far.
    public var offset: Int { position - bytes.startIndex }

    @inline(__always)
    private mutating func take(_ count: Int) throws(ReadFailure) -> ArraySlice<UInt8> {
        guard count >= 0, count <= remaining else { throw ReadFailure(.truncated, at: offset) }
        defer { position += count }
        return bytes[position..<position + count]
    }

    public mutating func readByte() throws(ReadFailure) -> UInt8 {
        guard position < bytes.endIndex else { throw ReadFailure(.truncated, at: offset) }
        defer { position += 1 }
        return bytes[position]
    }

    private mutating func readBigEndian<Integer: FixedWidthInteger & UnsignedInteger>(
        _: Integer.Type
    ) throws(ReadFailure) -> Integer {
        let size = MemoryLayout<Integer>.size
        guard size <= remaining else { throw ReadFailure(.truncated, at: offset) }
        defer { position += size }
        return bytes.withUnsafeBytes {
            Integer(bigEndian: $0.loadUnaligned(fromByteOffset: offset, as: Integer.self))
        }
    }

    public mutating func readUInt16() throws(ReadFailure) -> UInt16 { try readBigEndian(UInt16.self) }
    public mutating func readUInt32() throws(ReadFailure) -> UInt32 { try readBigEndian(UInt32.self) }
    public mutating func readUInt64() throws(ReadFailure) -> UInt64 { try readBigEndian(UInt64.self) }

    public mutating func readBool() throws(ReadFailure) -> Bool {
        switch try readByte() {
        case 0: false
        case 1: true
        default: throw ReadFailure(.outOfRange, at: offset - 1)
        }
    }

    /// A varint in its shortest form and within 64 bits.
    public mutating func readVarint() throws(ReadFailure) -> UInt64 {
        // Nearly all are of one byte.
        if position < bytes.endIndex, bytes[position] < 0x80 {
            defer { position += 1 }
            return UInt64(bytes[position])
        }
        return try readLongVarint()
    }

    private mutating func readLongVarint() throws(ReadFailure) -> UInt64 {
        let start = offset
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let byte = try readByte()
            guard shift < 63 || (shift == 63 && byte <= 1) else { throw ReadFailure(.outOfRange, at: start) }
            value |= UInt64(byte & 0x7f) << shift
            if byte & 0x80 == 0 {
                guard byte != 0 || shift == 0 else { throw ReadFailure(.outOfRange, at: start) }
                return value
            }
            shift += 7
        }
    }

    public mutating func readSigned() throws(ReadFailure) -> Int64 {
        let coded = try readVarint()
        return Int64(bitPattern: coded >> 1) ^ -Int64(bitPattern: coded & 1)
    }

    /// A count of elements that take at least `bytesMin` bytes each, so that no count can ask for more than is there.
    public mutating func readCount(bytesMin: Int = 1) throws(ReadFailure) -> Int {
        let start = offset
        let count = try readVarint()
        let (bytes, overflow) = count.multipliedReportingOverflow(by: UInt64(max(bytesMin, 1)))
        guard !overflow, bytes <= UInt64(remaining) else { throw ReadFailure(.outOfRange, at: start) }
        return Int(count)
    }

    /// - Parameter bytesMax: a longer text is out of range.
    public mutating func readString(bytesMax: Int = .max) throws(ReadFailure) -> String {
        let start = offset
        guard let text = String(validating: try readBlob(bytesMax: bytesMax), as: UTF8.self) else {
            throw ReadFailure(.invalidUTF8, at: start)
        }
        return text
    }

    /// - Parameter bytesMax: a longer blob is out of range.
    public mutating func readBlob(bytesMax: Int = .max) throws(ReadFailure) -> ArraySlice<UInt8> {
        let start = offset
        let count = try readCount()
        guard count <= bytesMax else { throw ReadFailure(.outOfRange, at: start) }
        return try take(count)
    }

    /// A copy of a blob.
    public mutating func readBytes() throws(ReadFailure) -> [UInt8] {
        let count = try readCount()
        defer { position += count }
        return bytes.withUnsafeBytes { [UInt8](copying: $0[offset..<offset + count]) }
    }

    /// Passes over a blob.
    ///
    /// - Returns: where its bytes are, from the start of what is being read.
    @discardableResult
    public mutating func skipBlob() throws(ReadFailure) -> Range<Int> {
        let count = try readCount()
        let start = offset
        position += count
        return start..<start + count
    }

    public mutating func readRaw(_ count: Int) throws(ReadFailure) -> ArraySlice<UInt8> { try take(count) }

    public mutating func readOptional<Value, Failure: Error>(
        _ body: (inout RecordReader) throws(Failure) -> Value
    ) throws -> Value? {
        try readBool() ? try body(&self) : nil
    }

    public mutating func readArray<Element, Failure: Error>(
        bytesMin: Int = 1, _ body: (inout RecordReader) throws(Failure) -> Element
    ) throws -> [Element] {
        let count = try readCount(bytesMin: bytesMin)
        var elements: [Element] = []
        elements.reserveCapacity(count)
        for _ in 0..<count { elements.append(try body(&self)) }
        return elements
    }

    /// Nothing may follow the last field.
    public func finish() throws(ReadFailure) {
        guard remaining == 0 else { throw ReadFailure(.trailingBytes, at: offset) }
    }
}

/// Why bytes could not be read.
public struct ReadFailure: Error, Hashable, Sendable {
    public enum Reason: Hashable, Sendable {
        case truncated, outOfRange, invalidUTF8, trailingBytes
    }
    public let reason: Reason
    /// Bytes from the start of what was being read.
    public let offset: Int

    public init(_ reason: Reason, at offset: Int) {
        self.reason = reason
        self.offset = offset
    }
}
