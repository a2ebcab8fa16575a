import Consensus
import EventSourcing
import Foundation
import LogFormat
import Storage
import Testing

@testable import Snapshots

/// An archive in a folder of its own, of a log that is made up.
private final class MadeUpArchive {
    let folder = FileManager.default.temporaryDirectory.appending(path: "archive-\(UUID().uuidString)").path
    let cluster: UInt64
    let place: ArchiveFolder
    var writer: ArchiveWriter

    init(cluster: UInt64 = 12, key: SnapshotKey? = nil) async throws {
        self.cluster = cluster
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        place = ArchiveFolder(path: folder, key: key)
        writer = try await ArchiveWriter(place)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    static func id(_ index: UInt64) -> EntryID { EntryID(term: Term(index > 6 ? 2 : 1), index: EntryIndex(index)) }

    static func entry(_ index: UInt64, of shard: Int) -> Entry {
        let time = Timestamp(microseconds: Int64(index) * 10 + Int64(shard))
        // Each takes its place, however well it is compressed.
        let body = (0..<32).map { _ in UInt8.random(in: .min ... .max) }
        return Entry(id: id(index), payload: .record(RecordPayload.encode(body, at: time)))
    }

    /// A file of the log of all shards from one place to another, with a row of each shard in a base.
    func bytes(_ from: [UInt64], _ to: [UInt64], isBase: Bool = false) -> [UInt8] {
        let header = SnapshotHeader(
            file: .random(in: .min ... .max), cluster: cluster, node: NodeID(1),
            takenAt: Timestamp(microseconds: 1_000), program: "0",
            shards: zip(from, to).map { LogBounds(base: Self.id($0), end: Self.id($1), checkpoint: .zero) })
        var encoder = SnapshotEncoder(header)
        var bytes = encoder.beginning
        for (shard, (from, to)) in zip(from, to).enumerated() {
            let id = ShardID(UInt16(shard))
            if from < to { bytes += encoder.chunk((from + 1...to).map { Self.entry($0, of: shard) }, of: id) }
            if isBase { bytes += encoder.chunk([StateRow(key: [1], value: [UInt8(shard)])], of: id) }
        }
        return bytes + encoder.end()
    }

    func addBase(_ from: [UInt64], _ to: [UInt64]) async throws {
        let bytes = bytes(from, to, isBase: true)
        let base = try await ArchiveBases(place).add { try $0.append(bytes) }
        if writer.position == nil { try await writer.begin(at: base, noticed: .zero) }
    }

    func addStretch(_ from: [UInt64], _ to: [UInt64]) async throws {
        let bytes = bytes(from, to)
        _ = try await writer.addStretch { try $0.append(bytes) }
    }

    func history(from base: UInt64) async throws -> ArchivedHistory {
        try await ArchivedHistory(
            from: try SnapshotFile(path: place.file(.base(base)), key: place.key),
            of: try await ArchiveListing(place), in: place)
    }

    /// What the records of a shard are at a position that is looked for from a base.
    func records(of shard: Int, at position: [UInt64], from base: UInt64) async throws -> [UInt64] {
        let history = try await history(from: base)
        let path = folder + "/moment"
        try await SnapshotFile.create(at: path, replacing: true, key: nil) { output in
            try history.write(LogPosition(position.map { LogIndex($0) }), at: .zero, program: "0", to: output)
        }
        let log = try SnapshotFile(path: path).logs[shard]
        var records: [JournalRecord] = []
        while let next = Optional(records.last?.index.next ?? .zero), case let more = try log.records(from: next),
            !more.isEmpty
        { records += more }
        return records.map(\.index.rawValue)
    }
}

@Suite struct ArchiveTests {
    @Test func namesAreReadBack() {
        for name in [ArchiveName.base(0), .base(120), .log(after: 0, through: 7), .gap(after: 7, through: .max)] {
            #expect(ArchiveName("\(name)") == name)
        }
        for text in ["", "lock", "base-1.snapshot", "log-000000000001.snapshot", "incoming-base", "base-000000000120"] {
            #expect(ArchiveName(text) == nil, "\(text)")
        }
    }

    @Test(arguments: [false, true]) func anyPositionBehindABaseIsThere(isEncrypted: Bool) async throws {
        let key = isEncrypted ? SnapshotKey([UInt8](repeating: 7, count: SnapshotKey.byteCount)) : nil
        let archive = try await MadeUpArchive(key: key)
        try await archive.addBase([2, 0], [4, 1])
        for (from, to) in [([4, 1], [5, 1]), ([5, 1], [5, 4]), ([5, 4], [9, 6])] as [([UInt64], [UInt64])] {
            try await archive.addStretch(from, to)
        }
        for first: UInt64 in 4...9 {
            for second: UInt64 in 1...6 {
                #expect(try await archive.records(of: 0, at: [first, second], from: 5) == Array(3...first))
                #expect(try await archive.records(of: 1, at: [first, second], from: 5) == Array(1...second))
            }
        }
        let history = try await archive.history(from: 5)
        #expect(throws: ArchiveFailure.self) { try history.require(LogPosition([LogIndex(3), LogIndex(1)])) }
        #expect(throws: ArchiveFailure.self) { try history.require(LogPosition([LogIndex(10), LogIndex(1)])) }
        #expect(throws: ArchiveFailure.self) { try history.require(LogPosition([LogIndex(9)])) }
        try history.requireWhole()
        let other = SnapshotKey([UInt8](repeating: 8, count: SnapshotKey.byteCount))
        await #expect(throws: SnapshotFailure.self) {
            try await ArchiveWriter(ArchiveFolder(path: archive.folder, key: other))
        }
    }

    @Test func whatABaseHasInItsLogsIsThereFromTheFirstEntryOn() async throws {
        let archive = try await MadeUpArchive()
        try await archive.addBase([0], [4])
        try await archive.addStretch([4], [9])
        let history = try #require(try await archive.history(from: 4).fromBeginning)
        let path = archive.folder + "/moment"
        for end: UInt64 in 0...9 {
            try await SnapshotFile.create(at: path, replacing: true, key: nil) { output in
                try history.write(LogPosition([LogIndex(end)]), at: .zero, program: "0", to: output)
            }
            let moment = try SnapshotFile(path: path)
            #expect(try moment.logs[0].records(from: .zero).count == Int(min(end, 4)))
            #expect(moment.header.end.count == end)
            #expect(try moment.states[0].rows(from: [], upTo: [9], reversed: false, limit: 9).isEmpty)
        }
        try await archive.addBase([5], [9])
        #expect(try await archive.history(from: 9).fromBeginning == nil)
    }

    @Test func aBaseThatIsAheadOfTheLogIsUsedAsSoonAsTheLogIsThere() async throws {
        let archive = try await MadeUpArchive()
        try await archive.addBase([0, 0], [4, 1])
        try await archive.addBase([0, 0], [6, 3])
        try await archive.addStretch([4, 1], [7, 2])
        #expect(try await archive.history(from: 9).last == LogPosition([LogIndex(7), LogIndex(3)]))
        try await archive.addStretch([7, 2], [8, 5])
        #expect(try await archive.records(of: 1, at: [8, 4], from: 9) == Array(1...4))
        try await ArchiveBases(archive.place).prune(keeping: 1)
        #expect(try await archive.records(of: 0, at: [7, 5], from: 9) == Array(1...7))
    }

    @Test func shortStretchesAreJoinedAndGoOnAfterARestart() async throws {
        let archive = try await MadeUpArchive()
        try await archive.addBase([0], [1])
        for index: UInt64 in 1..<100 {
            if index % 7 == 0 { archive.writer = try await ArchiveWriter(archive.place) }
            #expect(archive.writer.position == LogPosition([LogIndex(index)]))
            try await archive.addStretch([index], [index + 1])
        }
        #expect(try archive.place.names().count < 12)
        #expect(try await archive.records(of: 0, at: [57], from: 1) == Array(1...57))
        await #expect(throws: ArchiveFailure.self) { try await archive.addStretch([98], [101]) }
        let other = try await MadeUpArchive(cluster: 13)
        let foreign = other.bytes([100], [101])
        await #expect(throws: ArchiveFailure.self) {
            _ = try await archive.writer.addStretch { try $0.append(foreign) }
        }
        #expect(archive.writer.position == LogPosition([LogIndex(100)]))
    }

    @Test func nothingIsAddedBehindADamagedFile() async throws {
        let archive = try await MadeUpArchive()
        try await archive.addBase([0], [1])
        try await archive.addStretch([1], [200])
        try await archive.addStretch([200], [202])
        let last = ArchiveName.log(after: 200, through: 202)
        let path = archive.place.file(last)
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        bytes[bytes.count - 60] ^= 1
        try bytes.write(to: URL(fileURLWithPath: path))
        let failure = await #expect(throws: SnapshotFailure.self) { try await ArchiveWriter(archive.place) }
        #expect("\(try #require(failure))".contains(path))
        try archive.place.remove(last)
        archive.writer = try await ArchiveWriter(archive.place)
        #expect(archive.writer.position == LogPosition([LogIndex(200)]))
        try await archive.addStretch([200], [203])
        #expect(try await archive.records(of: 0, at: [203], from: 1) == Array(1...203))
    }

    @Test func whatWasLeftWhenAJoinWasCutShortIsPassedOver() async throws {
        let archive = try await MadeUpArchive()
        try await archive.addBase([0], [1])
        try await archive.addStretch([1], [3])
        let left = archive.place.file(.log(after: 1, through: 3))
        let bytes = try Data(contentsOf: URL(fileURLWithPath: left))
        try await archive.addStretch([3], [4])
        #expect(!FileManager.default.fileExists(atPath: left))
        try bytes.write(to: URL(fileURLWithPath: left))
        #expect(try await archive.records(of: 0, at: [4], from: 1) == [1, 2, 3, 4])
        archive.writer = try await ArchiveWriter(archive.place)
        #expect(!FileManager.default.fileExists(atPath: left))
    }

    @Test func aGapIsNotedAndRefused() async throws {
        let archive = try await MadeUpArchive()
        try await archive.addBase([0], [1])
        try await archive.addStretch([1], [3])
        let bytes = archive.bytes([8], [9], isBase: true)
        let base = try await ArchiveBases(archive.place).add { try $0.append(bytes) }
        try await archive.writer.begin(at: base, noticed: .zero)
        try await archive.addStretch([9], [11])
        #expect(try await archive.records(of: 0, at: [3], from: 1) == [1, 2, 3])
        #expect(try await archive.records(of: 0, at: [10], from: 9) == [9, 10])
        let before = try await archive.history(from: 1)
        let refusal = ArchiveFailure.neverArchived(place: archive.folder, after: 3, through: 9)
        #expect(throws: refusal) { try before.require(LogPosition([LogIndex(5)])) }
        #expect(throws: refusal) { try before.requireWhole() }
        archive.writer = try await ArchiveWriter(archive.place)
        #expect(archive.writer.position == LogPosition([LogIndex(11)]))
    }

    @Test func missingCutFlippedAndMixedFilesAreRefusedWithTheirPlace() async throws {
        let archive = try await MadeUpArchive()
        try await archive.addBase([0], [1])
        // Too different in size to be joined.
        try await archive.addStretch([1], [200])
        try await archive.addStretch([200], [202])
        try await archive.addStretch([202], [203])
        let names = try await ArchiveListing(archive.place).stretches.map(\.name)
        #expect(names.count > 1)
        func damaging(_ name: ArchiveName, _ change: (inout Data) -> Void) async throws -> String {
            let path = URL(fileURLWithPath: archive.place.file(name))
            let whole = try Data(contentsOf: path)
            defer { try? whole.write(to: path) }
            var bytes = whole
            change(&bytes)
            try bytes.write(to: path)
            do {
                _ = try await archive.history(from: 1)
                return "taken"
            } catch {
                return "\(error)"
            }
        }
        for name in names {
            let count = try Data(contentsOf: URL(fileURLWithPath: archive.place.file(name))).count
            for _ in 0..<50 {
                let bit = Int.random(in: 0..<count * 8)
                let flipped = try await damaging(name) { $0[bit / 8] ^= 1 << UInt8(bit % 8) }
                #expect(flipped.contains(archive.place.file(name)), "bit \(bit): \(flipped)")
                let cut = try await damaging(name) { $0 = $0.prefix(bit / 8) }
                #expect(cut.contains(archive.place.file(name)), "cut at \(bit / 8): \(cut)")
            }
        }
        let other = try await MadeUpArchive(cluster: 13)
        let foreign = other.bytes([1], [200])
        let mixed = try await damaging(names[0]) { $0 = Data(foreign) }
        #expect(mixed.contains("another cluster"), "\(mixed)")
        let misnamed = archive.bytes([1], [199])
        #expect(try await damaging(names[0]) { $0 = Data(misnamed) }.contains("from 1 to 199"))
        try archive.place.remove(names[0])
        let hole = try await archive.history(from: 1)
        #expect(throws: ArchiveFailure.missing(place: archive.folder, after: 1, through: 200)) {
            try hole.require(LogPosition([LogIndex(150)]))
        }
        #expect(throws: ArchiveFailure.self) { try hole.requireWhole() }
    }
}
