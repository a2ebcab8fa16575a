import Consensus
import EventSourcing
import Foundation
import LogFormat
import Testing
import Wire

@testable import Storage

/// Directories of format 1, in which no log was replicated, as their bytes were.
@Suite("A directory of an earlier format")
struct MigrationTests {
    private static let cluster: UInt64 = 0x0123_4567_89ab_cdef
    private static var seed: UInt32 { DirectoryIdentity(cluster: cluster, shards: 2).checksumSeed }

    /// Two shards: one of five records of which the first two have gone, one that was never used.
    private func make() throws -> TemporaryDirectory {
        let directory = TemporaryDirectory()
        try OpenDirectory(path: directory.path, shards: 2, creating: true).close()
        try editDatabase(directory.path) { transaction throws(StorageError) in
            try transaction.put(identity(format: 1), in: .hard, forKey: DirectoryIdentity.key)
            // There were no numbers of disks then.
            try transaction.delete(from: .hard, key: [UInt8]("disk".utf8))
            try transaction.put(header([3, 5, 4, 1, 3 * 34]), in: .hard, forKey: [0, 0])
            try transaction.put(header([1, 0, 0, 1, 0]), in: .hard, forKey: [0, 1])
            for index in 3...5 as ClosedRange<UInt64> {
                try transaction.put(record(index), in: .log, forKey: [0, 0, 0, 0, 0, 0, 0, 0, 0, UInt8(index)])
            }
            let row = StateRowForm(shard: ShardID(0), key: [7], seed: Self.seed)
            try transaction.put(in: .state, forKey: row.fullKey, count: 6) { row.encode([1, 2], into: $0) }
        }
        return directory
    }

    private func identity(format: UInt16) -> [UInt8] {
        var writer = RecordWriter()
        writer.write(UInt32(0))
        writer.write(format)
        writer.write(Self.cluster)
        writer.write(UInt16(2))
        return Sealed.sealing(writer.bytes, seed: 0x4352_4431)
    }

    /// First, last, checkpoint, term, bytes.
    private func header(_ numbers: [UInt64]) -> [UInt8] {
        var writer = RecordWriter()
        writer.write(UInt32(0))
        writer.write(UInt8(1))
        for number in numbers { writer.write(number) }
        return Sealed.sealing(writer.bytes, seed: Self.seed)
    }

    private func record(_ index: UInt64) -> [UInt8] {
        var writer = RecordWriter()
        writer.write(UInt32(0))
        writer.write(UInt8(1))
        writer.write(UInt16(0))
        for number in [index, 1, index * 1_000] { writer.write(number) }
        writer.writeRaw([1, 2, UInt8(index)])
        return Sealed.sealing(writer.bytes, seed: Self.seed)
    }

    private func expectContents(_ directory: TemporaryDirectory) async throws {
        try await directory.withData { data async throws in
            let journal = data.journals[0]
            let records = try journal.records(from: LogIndex(3), countMax: 9, bytesMax: .max)
            #expect(records.prefix(3).map(\.bytes) == [[1, 2, 3], [1, 2, 4], [1, 2, 5]])
            #expect(records.prefix(3).map(\.time.microseconds) == [3_000, 4_000, 5_000])
            #expect(records.prefix(3).map(\.index.rawValue) == [3, 4, 5])
            #expect(journal.first == LogIndex(3) && journal.checkpoint == LogIndex(4))
            #expect(try data.states[0].value(forKey: [7]) == [1, 2])
            #expect(try data.journals[1].all().isEmpty)
            #expect(data.identity.cluster == Self.cluster)
            // A term of its own, behind that of all old records.
            #expect(journal.term > 1)
        }
    }

    @Test("is read by the tools without being changed")
    func offline() throws {
        let directory = try make()
        let before = try directory.readDatabase()
        try directory.withOffline { data throws in
            #expect(try data.logs[0].all().map(\.index.rawValue) == [3, 4, 5])
            #expect(data.logs.map(\.end) == [LogIndex(5), .zero])
            #expect(try data.states[0].value(forKey: [7]) == [1, 2])
        }
        #expect(try directory.readDatabase() == before)
    }

    @Test("is brought into the present one when a node opens it, and goes on")
    func opened() async throws {
        let directory = try make()
        try await expectContents(directory)
        try await directory.withData { data async throws in
            #expect(data.identity.formatVersion == DirectoryIdentity.formatVersion)
            try await data.journals[0].append([9])
            try await data.journals[1].append([8])
        }
        try directory.withOffline { data throws in
            #expect(try data.logs[0].all().map(\.bytes).last == [9])
            #expect(try data.logs[1].all().map(\.bytes) == [[8]])
        }
    }

    @Test("is as it was when that is interrupted, and brought over by the next start")
    func interrupted() async throws {
        let directory = try make()
        let opened = try OpenDirectory(path: directory.path, shards: nil, creating: false)
        #expect(throws: StorageError.closed(path: "interrupted")) {
            try opened.environment.write { transaction throws(StorageError) in
                try opened.writeHeaders(transaction)
                throw .closed(path: "interrupted")
            }
        }
        opened.close()
        try directory.withOffline { data throws in #expect(try data.logs[0].all().count == 3) }
        try await expectContents(directory)
    }

    @Test("is refused when a header of it is damaged")
    func damaged() async throws {
        let directory = try make()
        var header = header([3, 5, 4, 1, 3 * 34])
        header[9] ^= 1
        let bytes = header
        try editDatabase(directory.path) { transaction throws(StorageError) in
            try transaction.put(bytes, in: .hard, forKey: [0, 0])
        }
        #expect(await storageError { try await directory.withData { _ in } } == .corruptHeader(name: "shard 0"))
    }
}
