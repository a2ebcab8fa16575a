import EventSourcing
import Testing

@testable import ActorSystem

@Suite("The bytes of a chunk of history") struct HistoryRowTests {
    private static let actor = ActorID(high: 1, low: 2)

    @Test func nameWhoAskedForEachEvent() throws {
        let rows = [
            HistoryRow(version: 1, index: LogIndex(5), time: Timestamp(microseconds: 8), actor: Self.actor, event: [7]),
            HistoryRow(version: 2, index: LogIndex(6), time: Timestamp(microseconds: 9), actor: nil, event: []),
        ]
        var bytes: [UInt8] = []
        HistoryRow.encode(rows, into: &bytes) { row in
            (row.version, RecordStamp(index: row.index, time: row.time, actor: row.actor))
        } event: { row, bytes in
            bytes += row.event
        }
        #expect(
            bytes == [0, 2, 1, 5, 16, 1] + [0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2] + [1, 7, 2, 6, 18, 0, 0])
        #expect(try HistoryRow.decode(bytes) == rows)
    }

    @Test func ofTheLayoutWithoutActorsAreStillRead() throws {
        let row = HistoryRow(version: 1, index: LogIndex(5), time: Timestamp(microseconds: 8), actor: nil, event: [7])
        #expect(try HistoryRow.decode([1, 1, 5, 16, 1, 7]) == [row])
    }
}

@Suite("The bytes of a record") struct RecordBodyTests {
    private static let shelf = AggregateKind(rawValue: 3)
    private static let box = AggregateKind(rawValue: 9)

    /// One shelf with two events, one box with a long one.
    private static let written: [UInt8] = {
        var writer = RecordBodyWriter(kinds: [shelf, box])
        writer.beginEntry(kind: shelf, versionBefore: 300, events: 2) { $0 += [0xaa, 0xbb] }
        writer.writeEvent { $0 += [1, 2, 3] }
        writer.writeEvent { _ in }
        writer.beginEntry(kind: box, versionBefore: 0, events: 1) { $0 += [0xcc] }
        writer.writeEvent { $0 += [UInt8](repeating: 7, count: 200) }
        return writer.bytes
    }()

    private static let entries: [UInt8] =
        [2, 3, 2, 0xaa, 0xbb, 0xac, 0x02, 2, 3, 1, 2, 3, 0, 9, 1, 0xcc, 0, 1, 0xc8, 0x01]
        + [UInt8](repeating: 7, count: 200)

    private static let actor = ActorID(high: 0x0102_0304_0506_0708, low: 0x090a_0b0c_0d0e_0f10)

    private func expectEntries(_ body: RecordBody) {
        #expect(body.entries.map(\.kind) == [Self.shelf, Self.box])
        #expect(body.entries.map { Array($0.id) } == [[0xaa, 0xbb], [0xcc]])
        #expect(body.entries.map(\.versionBefore) == [300, 0])
        #expect(
            body.entries.map { $0.events.map(Array.init) } == [[[1, 2, 3], []], [[UInt8](repeating: 7, count: 200)]])
    }

    @Test func ofLayoutTwoSayWhichKindsAreIn() throws {
        #expect(Self.written == [2, 0x88, 0x04] + Self.entries)
        expectEntries(try RecordBody(Self.written[...]))
    }

    @Test func ofLayoutThreeSayWhoAsked() throws {
        var writer = RecordBodyWriter(kinds: [Self.box], actor: Self.actor)
        writer.beginEntry(kind: Self.box, versionBefore: 0, events: 1) { $0 += [0xcc] }
        writer.writeEvent { $0 += [7] }
        #expect(writer.bytes == [3, 0x80, 0x04] + (1...16) + [1, 9, 1, 0xcc, 0, 1, 1, 7])
        let body = try RecordBody(writer.bytes[...])
        #expect(body.actor == Self.actor && body.entries.map { Array($0.id) } == [[0xcc]])
        #expect(try RecordBody(writer.bytes[...], of: KindSet(Self.shelf)).actor == Self.actor)
        #expect(try RecordBody(Self.written[...]).actor == nil)
        for count in writer.bytes.indices {
            #expect(throws: MalformedBytes.self) { try RecordBody(writer.bytes.prefix(count)) }
        }
    }

    @Test func ofLayoutOneAreStillRead() throws {
        expectEntries(try RecordBody(([1] + Self.entries)[...]))
        #expect(try RecordBody(([1] + Self.entries)[...], of: KindSet(Self.box)).entries.map(\.kind) == [Self.box])
    }

    @Test func ofOtherKindsArePassedOver() throws {
        #expect(try RecordBody(Self.written[...], of: KindSet(Self.box)).entries.map(\.kind) == [Self.box])
        #expect(try RecordBody(Self.written[...], of: KindSet(AggregateKind(rawValue: 4))).entries.isEmpty)
    }

    @Test func ofAnUnknownLayoutAreRefused() {
        #expect(throws: MalformedBytes.self) { try RecordBody(([4, 0x88, 0x04] + Self.entries)[...]) }
    }

    @Test func thatHoldWhatTheyDoNotSayAreRefused() {
        #expect(throws: MalformedBytes.self) { try RecordBody(([2, 0x08] + Self.entries)[...]) }
    }

    @Test(arguments: 0..<23) func thatEndEarlyAreRefused(count: Int) {
        #expect(throws: MalformedBytes.self) { try RecordBody(Self.written.prefix(count)) }
    }
}
