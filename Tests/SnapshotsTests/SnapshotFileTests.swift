import Consensus
import EventSourcing
import Foundation
import LogFormat
import Storage
import Testing

@testable import Snapshots

@Suite struct SnapshotFileTests {
    private static let shard = ShardID(0)
    private static let bounds = LogBounds(
        base: EntryID(term: Term(1), index: EntryIndex(4)), end: EntryID(term: Term(2), index: EntryIndex(8)),
        checkpoint: EntryID(term: Term(1), index: EntryIndex(6)))
    private static let rows = [
        StateRow(key: [1, 7], value: [7, 7]), StateRow(key: [1, 9], value: []), StateRow(key: [2, 1], value: [1]),
    ]

    private static func entry(_ index: UInt64, _ body: [UInt8]) -> Entry {
        let id = EntryID(term: Term(index > 6 ? 2 : 1), index: EntryIndex(index))
        let record = RecordPayload.encode(body, at: Timestamp(microseconds: Int64(index)))
        return Entry(id: id, payload: body.isEmpty ? .empty : .record(record))
    }

    /// The bytes of a snapshot of five chunks with the index.
    private static func bytes(file: UInt64 = 11) -> [UInt8] {
        let header = SnapshotHeader(
            file: file, cluster: 12, node: NodeID(3), takenAt: Timestamp(microseconds: 1_700_000_000_000_000),
            program: "0.10", shards: [bounds])
        var encoder = SnapshotEncoder(header)
        return encoder.beginning + encoder.chunk([entry(5, [1, 2, 3]), entry(6, [4])], of: shard)
            + encoder.chunk([entry(7, []), entry(8, [5])], of: shard)
            + encoder.chunk(Array(rows[..<2]), of: shard) + encoder.chunk(Array(rows[2...]), of: shard)
            + encoder.end()
    }

    @discardableResult
    private func withFile<Result>(_ bytes: [UInt8], _ body: (String) throws -> Result) throws -> Result {
        let path = FileManager.default.temporaryDirectory.appending(path: "snapshot-\(UUID().uuidString)").path
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try body(path)
    }

    @Test func whatWasWrittenIsRead() throws {
        try withFile(Self.bytes()) { path in
            let snapshot = try SnapshotFile(path: path)
            #expect(snapshot.header.shards == [Self.bounds])
            let log = snapshot.logs[0]
            #expect(log.first == LogIndex(5) && log.end == LogIndex(8))
            #expect(try log.records(from: .zero).map(\.bytes) == [[1, 2, 3], [4]])
            #expect(try log.records(from: LogIndex(6)).map(\.bytes) == [[4]])
            #expect(try log.records(from: LogIndex(7)).map(\.bytes) == [[5]])
            #expect(try log.records(from: LogIndex(9)).isEmpty)
            let states = snapshot.states[0]
            #expect(try states.value(forKey: [1, 9]) == [])
            #expect(try states.value(forKey: [1, 8]) == nil)
            let all = try states.rows(from: [], upTo: [3], reversed: false, limit: 9)
            #expect(all.map(\.key) == Self.rows.map(\.key))
            #expect(try states.rows(from: [1, 8], upTo: [3], reversed: true, limit: 1).map(\.key) == [[2, 1]])
        }
    }

    @Test func rowsAreHandedOutOneByOneAsTheyAreAllAtOnce() throws {
        try withFile(Self.bytes()) { path in
            let states = try SnapshotFile(path: path).states[0]
            let bounds: [[UInt8]] = [[]] + Self.rows.flatMap { [$0.key, $0.key + [0]] } + [[3]]
            for (lower, upper) in bounds.flatMap({ lower in bounds.map { (lower, $0) } }) {
                var found: [StateRow] = []
                try states.forEachRow(from: lower, upTo: upper) {
                    found.append(StateRow(key: Array($0), value: Array($1)))
                }
                let expected = try states.rows(from: lower, upTo: upper, reversed: false, limit: 99)
                #expect(found.map(\.key) == expected.map(\.key))
                #expect(found.map(\.value) == expected.map(\.value))
            }
        }
    }

    @Test func aFileCutShortAnywhereIsRefused() throws {
        let bytes = Self.bytes()
        for count in bytes.indices {
            try withFile(Array(bytes[..<count])) { path in
                #expect(throws: SnapshotFailure.self, "cut at \(count)") { try SnapshotFile(path: path) }
            }
        }
        try withFile(bytes + [0]) { path in
            #expect(throws: SnapshotFailure.damaged(path: path, place: .end, reason: "1 bytes follow")) {
                try SnapshotFile(path: path)
            }
        }
    }

    @Test func whatIsCutShortGetsNoNameAndReplacesNothing() async throws {
        let bytes = Self.bytes()
        let path = FileManager.default.temporaryDirectory.appending(path: "snapshot-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        func create(_ count: Int, replacing: Bool) async throws {
            try await SnapshotFile.create(at: path, replacing: replacing, key: nil) {
                try $0.append(Array(bytes[..<count]))
            }
        }
        func isThere(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }
        for count in [0, 1, bytes.count / 2, bytes.count - 1] {
            await #expect(throws: SnapshotFailure.self, "\(count)") { try await create(count, replacing: false) }
            #expect(!isThere(path) && !isThere(path + ".creating"))
        }
        try await create(bytes.count, replacing: false)
        await #expect(throws: SnapshotFailure.alreadyThere(path: path)) {
            try await create(bytes.count, replacing: false)
        }
        await #expect(throws: SnapshotFailure.self) { try await create(bytes.count - 1, replacing: true) }
        #expect(try SnapshotFile(path: path).header.shards == [Self.bounds])
        try await create(bytes.count, replacing: true)
    }

    @Test func replacesNothingButFiles() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "places-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try #require(mkfifo(folder + "/pipe", 0o600) == 0)
        try FileManager.default.createSymbolicLink(atPath: folder + "/link", withDestinationPath: "elsewhere")
        try FileManager.default.createDirectory(atPath: folder + "/folder", withIntermediateDirectories: true)
        let before = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        for name in before {
            await #expect(throws: SnapshotFailure.self, "\(name)") {
                try await SnapshotFile.create(at: "\(folder)/\(name)", replacing: true, key: nil) {
                    try $0.append(Self.bytes())
                }
            }
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == before)
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: folder + "/link") == "elsewhere")
    }

    @Test func whatAProcessLeftWhenItEndedIsTakenByTheNext() async throws {
        let bytes = Self.bytes()
        let path = FileManager.default.temporaryDirectory.appending(path: "snapshot-\(UUID().uuidString)").path
        let temporary = path + ".creating"
        defer { for path in [path, temporary] { try? FileManager.default.removeItem(atPath: path) } }
        func isThere(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }
        func create() async throws {
            try await SnapshotFile.create(at: path, replacing: true, key: nil) { try $0.append(bytes) }
        }

        // It ended while it wrote.
        try Data(bytes + bytes).write(to: URL(filePath: temporary))
        try await create()
        #expect(try Data(contentsOf: URL(filePath: path)) == Data(bytes))
        #expect(!isThere(temporary))

        // It ended between giving the file its name and taking the other: what has a name stays whole meanwhile.
        try FileManager.default.linkItem(atPath: path, toPath: temporary)
        try await SnapshotFile.create(at: path, replacing: true, key: nil) { output in
            #expect(try Data(contentsOf: URL(filePath: path)) == Data(bytes))
            try output.append(bytes)
        }
        #expect(try Data(contentsOf: URL(filePath: path)) == Data(bytes))
        #expect(!isThere(temporary))

        // It has not ended.
        try await SnapshotFile.create(at: path, replacing: true, key: nil) { output in
            try output.append(Array(bytes.prefix(9)))
            let other = SnapshotFailure.system(operation: "writing \(temporary)", message: "another process does")
            await #expect(throws: other) { try await create() }
            try output.append(Array(bytes.dropFirst(9)))
        }
        #expect(try Data(contentsOf: URL(filePath: path)) == Data(bytes))
    }

    @Test func everyFlippedBitIsNoticed() throws {
        let bytes = Self.bytes()
        for bit in 0..<bytes.count * 8 {
            var damaged = bytes
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            try withFile(damaged) { path in
                #expect(throws: SnapshotFailure.self, "bit \(bit)") { try SnapshotFile(path: path) }
            }
        }
    }

    @Test func aChunkOfAnotherFileOrPlaceIsRefused() throws {
        let (one, other) = (Self.bytes(), Self.bytes(file: 99))
        let places = try withFile(one) { try SnapshotFile(path: $0).places }
        let second = places[1].offset..<places[2].offset
        var mixed = one
        mixed.replaceSubrange(second, with: other[second])
        try withFile(mixed) { path in
            let place = SnapshotFailure.Place.chunk(1, offset: second.lowerBound)
            #expect(throws: SnapshotFailure.damaged(path: path, place: place, reason: "checksum mismatch")) {
                try SnapshotFile(path: path)
            }
        }
        let swapped =
            one[..<places[0].offset] + one[second] + one[places[0].offset..<second.lowerBound]
            + one[second.upperBound...]
        try withFile(Array(swapped)) { path in
            let place = SnapshotFailure.Place.chunk(0, offset: places[0].offset)
            #expect(throws: SnapshotFailure.damaged(path: path, place: place, reason: "it is no chunk of this place")) {
                try SnapshotFile(path: path)
            }
        }
    }

    @Test func anIndexOfOtherChunksIsRefused() throws {
        let header = SnapshotHeader(
            file: 1, cluster: 2, node: NodeID(3), takenAt: .zero, program: "0.10", shards: [Self.bounds])
        var (one, other) = (SnapshotEncoder(header), SnapshotEncoder(header))
        let chunk = one.chunk([Self.entry(5, [1])], of: Self.shard)
        _ = other.chunk(Self.rows, of: Self.shard)
        try withFile(one.beginning + chunk + other.end()) { path in
            let place = SnapshotFailure.Place.chunk(1, offset: one.beginning.count + chunk.count)
            let reason = "the index is that of other chunks"
            #expect(throws: SnapshotFailure.damaged(path: path, place: place, reason: reason)) {
                try SnapshotFile(path: path)
            }
        }
    }
}
