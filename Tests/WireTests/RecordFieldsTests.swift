import Testing
import Wire

@Suite struct RecordFieldsTests {
    @Test func everyFieldIsReadAsItWasWritten() throws {
        var writer = RecordWriter()
        writer.write(UInt8(7))
        writer.write(UInt16(0x0102))
        writer.write(UInt32(0x0102_0304))
        writer.write(UInt64.max)
        writer.write(true)
        writer.write("Zürich")
        writer.write([UInt8]([1, 2, 3]))
        writer.writeOptional(nil as String?) { $0.write($1) }
        writer.writeArray(["a", "b"]) { $0.write($1) }
        for value in [0, 1, 127, 128, 1 << 32, UInt64.max] { writer.writeVarint(value) }
        for value in [0, -1, 1, Int64.min, .max] { writer.writeSigned(value) }

        var reader = RecordReader(writer.bytes[...])
        #expect(try reader.readByte() == 7)
        #expect(try reader.readUInt16() == 0x0102)
        #expect(try reader.readUInt32() == 0x0102_0304)
        #expect(try reader.readUInt64() == .max)
        #expect(try reader.readBool())
        #expect(try reader.readString() == "Zürich")
        #expect(Array(try reader.readBlob()) == [1, 2, 3])
        #expect(try reader.readOptional { try $0.readString() } == nil)
        #expect(try reader.readArray { try $0.readString() } == ["a", "b"])
        for value in [0, 1, 127, 128, 1 << 32, UInt64.max] { #expect(try reader.readVarint() == value) }
        for value in [0, -1, 1, Int64.min, .max] { #expect(try reader.readSigned() == value) }
        try reader.finish()
    }

    @Test func appendingKeepsWhatIsThere() {
        var bytes: [UInt8] = [9]
        RecordWriter.append(to: &bytes) { $0.write(UInt16(0x0102)) }
        #expect(bytes == [9, 1, 2])
    }

    @Test func offsetsCountFromTheStartOfASlice() {
        let bytes: [UInt8] = [9, 9, 1, 2, 3]
        var reader = RecordReader(bytes[2...])
        #expect(throws: ReadFailure(.truncated, at: 0)) { try reader.readUInt64() }
        #expect(reader.remaining == 3)
    }

    /// One number has one form: what compares bytes compares numbers.
    @Test(arguments: [
        ([0x80, 0x00], .outOfRange), ([0x80], .truncated), ([], .truncated),
        ([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02], .outOfRange),
        ([UInt8](repeating: 0x80, count: 11), .outOfRange),
    ] as [([UInt8], ReadFailure.Reason)])
    func aVarintOfAnotherFormIsRefused(bytes: [UInt8], reason: ReadFailure.Reason) {
        var reader = RecordReader(bytes[...])
        #expect { try reader.readVarint() } throws: { ($0 as? ReadFailure)?.reason == reason }
    }

    @Test func lengthsAreHeldAgainstWhatIsLeft() {
        var reader = RecordReader([0x05, 0x61, 0x62][...])
        #expect(throws: ReadFailure(.outOfRange, at: 0)) { try reader.readString() }
        reader = RecordReader([0x02, 0x61, 0x62][...])
        #expect(throws: ReadFailure(.outOfRange, at: 0)) { try reader.readCount(bytesMin: 2) }
    }

    @Test func longerTextsThanTheReaderTakesAreNotRead() throws {
        let bytes: ArraySlice<UInt8> = [0x02, 0x61, 0x62]
        var reader = RecordReader(bytes)
        #expect(throws: ReadFailure(.outOfRange, at: 0)) { try reader.readString(bytesMax: 1) }
        reader = RecordReader(bytes)
        #expect(throws: ReadFailure(.outOfRange, at: 0)) { try reader.readBlob(bytesMax: 1) }
        reader = RecordReader(bytes)
        #expect(try reader.readString(bytesMax: 2) == "ab")
    }

    @Test func textIsUTF8AndABoolIsOneBit() {
        var reader = RecordReader([0x02, 0xc3, 0x28][...])
        #expect(throws: ReadFailure(.invalidUTF8, at: 0)) { try reader.readString() }
        reader = RecordReader([2][...])
        #expect(throws: ReadFailure(.outOfRange, at: 0)) { try reader.readBool() }
    }

    @Test func nothingMayFollowTheLastField() throws {
        var reader = RecordReader([1, 2][...])
        _ = try reader.readByte()
        #expect(throws: ReadFailure(.trailingBytes, at: 1)) { try reader.finish() }
    }
}
