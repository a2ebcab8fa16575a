import Consensus
import EventSourcing
import Foundation
import LogFormat
import Testing

@testable import Storage

/// LMDB has no checksums of its own. Whatever is damaged must be noticed, and named, before anything builds on it.
@Suite struct DamageTests {
    private static let payload = [UInt8]("a record whose bytes are damaged one by one".utf8)

    /// Flips one bit of every byte that `pattern` occupies in the database, wherever a copy of it lies, and has
    /// `probe` find it.
    private func flipEveryByte(
        of pattern: [UInt8], in directory: TemporaryDirectory,
        _ probe: (_ position: Int, _ error: StorageError?) -> Void,
        reading: (OfflineDirectory) throws -> Void
    ) async throws {
        let intact = try directory.readDatabase()
        let places = intact.places(of: pattern)
        try #require(!places.isEmpty)
        for position in pattern.indices {
            var damaged = intact
            for place in places { damaged[place + position] ^= 1 << UInt8(position % 8) }
            try directory.writeDatabase(damaged)
            let error = await storageError { try directory.withOffline { try reading($0) } }
            probe(position, error)
        }
        try directory.writeDatabase(intact)
        try directory.withOffline { try reading($0) }
    }

    @Test func aFlippedBitInAnyByteOfARecordIsNoticed() async throws {
        let directory = TemporaryDirectory()
        try await directory.withData { data async throws in
            for number in 1...5 { try await data.journals[0].append(number == 3 ? Self.payload : [UInt8(number)]) }
        }
        // The first entry begins the leader's term.
        let id = EntryID(term: Term(1), index: EntryIndex(4))
        let payload = RecordPayload.encode(Self.payload, at: Timestamp(milliseconds: 1))
        let key = EntryForm.key(ShardID(0), id.index)
        let value = EntryForm.encode(Entry(id: id, payload: .record(payload)), shard: ShardID(0), seed: 0)
        // The checksum depends on the cluster: what follows it is looked for, and the bytes before it belong to it.
        let intact = try directory.readDatabase()
        let place = try #require(intact.places(of: Array(value[4...])).last)
        let stored = key + Array(intact[place - 4..<place + value.count - 4])
        try await flipEveryByte(of: stored, in: directory) { position, error in
            switch error {
            case .corruptRecord(shard: 0, index: 4, reason: "checksum mismatch"): #expect(position >= key.count)
            case .corruptRecord(shard: 0, index: _, reason: "it is entry 4 of shard 0"): #expect(position < key.count)
            case .missingRecord(shard: 0, index: _): #expect(position < key.count)
            case .corruptHeader(name: "shard 0"): #expect(position < key.count)
            default: Issue.record("byte \(position): \(String(describing: error))")
            }
        } reading: { data throws in
            #expect(try data.logs[0].all().count == 5)
        }
    }

    @Test func aFlippedBitInAnyByteOfAHeaderIsNoticed() async throws {
        let directory = TemporaryDirectory()
        try await directory.withData { try await $0.journals[0].append([1]) }
        let environment = try LMDBEnvironment(path: directory.path)
        let rows = try environment.read { transaction throws(StorageError) in
            try [DirectoryIdentity.key, ReplicaHeader.key(ShardID(0))].map { key throws(StorageError) in
                (key: key, value: try transaction.value(in: .hard, forKey: key) ?? [])
            }
        }
        environment.close()
        for (row, name) in zip(rows, ["node", "shard 0"]) {
            try await flipEveryByte(of: row.key + row.value, in: directory) { position, error in
                #expect(error == .corruptHeader(name: name), "byte \(position)")
            } reading: { _ in
            }
        }
    }

    @Test func aFlippedBitInAnyByteOfAStateIsNoticedItsKeyIncluded() async throws {
        let directory = TemporaryDirectory()
        let key = [UInt8]("key".utf8)
        try await directory.withData { data async throws in
            try await data.journals[0].append([1])
            var changes = (0..<9).map { StateChange(key: [UInt8($0 * 28)], value: [UInt8]("neighbour".utf8)) }
            changes.append(StateChange(key: key, value: Self.payload))
            try await data.journals[0].save(StateChanges(changes), through: LogIndex(1))
        }
        let intact = try directory.readDatabase()
        let place = try #require(intact.places(of: Self.payload).last)
        let stored = [0, 0] + key + Array(intact[place - 4..<place + Self.payload.count])
        for way in 0..<3 {
            try await flipEveryByte(of: stored, in: directory) { position, error in
                guard case .corruptState = error else {
                    Issue.record("byte \(position), way \(way): \(String(describing: error))")
                    return
                }
            } reading: { data throws in
                switch way {
                case 0: #expect(try data.states[0].value(forKey: key) == Self.payload)
                case 1:
                    #expect(try data.states[0].rows(from: key, upTo: key + [0], reversed: false, limit: 9).count == 1)
                default:
                    #expect(try data.states[0].rows(from: key, upTo: key + [0], reversed: true, limit: 9).count == 1)
                }
            }
        }
    }

    @Test func aMissingRecordIsNamed() async throws {
        let directory = TemporaryDirectory()
        try await directory.withData { data async throws in
            for number in 1...9 { try await data.journals[0].append([UInt8(number)]) }
        }
        for index in [1, 5, 10].map(EntryIndex.init) {
            let intact = try directory.readDatabase()
            try editDatabase(directory.path) { transaction throws(StorageError) in
                try transaction.delete(from: .log, key: EntryForm.key(ShardID(0), index))
            }
            let error = await storageError { try directory.withOffline { _ = try $0.logs[0].all() } }
            #expect(error == .missingRecord(shard: 0, index: index.rawValue))
            try directory.writeDatabase(intact)
        }
    }

    @Test func aRecordBehindTheLastOneIsNotServed() async throws {
        let directory = TemporaryDirectory()
        try await directory.withData { try await $0.journals[0].append([1]) }
        try editDatabase(directory.path) { transaction throws(StorageError) in
            try transaction.put([1, 2, 3], in: .log, forKey: EntryForm.key(ShardID(0), EntryIndex(7)))
        }
        #expect(await storageError { try await directory.withData { _ in } } == .corruptHeader(name: "shard 0"))
    }

    @Test func aRecordOfAnotherClusterIsNotTaken() async throws {
        let directory = TemporaryDirectory()
        try await directory.withData { try await $0.journals[0].append([1]) }
        try editDatabase(directory.path) { transaction throws(StorageError) in
            let id = EntryID(term: Term(1), index: EntryIndex(2))
            let entry = Entry(id: id, payload: .record(RecordPayload.encode([9], at: .zero)))
            let bytes = EntryForm.encode(entry, shard: ShardID(0), seed: 12_345)
            try transaction.put(bytes, in: .log, forKey: EntryForm.key(ShardID(0), id.index))
        }
        let error = await storageError { try directory.withOffline { _ = try $0.logs[0].all() } }
        #expect(error == .corruptRecord(shard: 0, index: 2, reason: "checksum mismatch"))
    }

    @Test func aFileCutShortIsRefusedOrWhole() async throws {
        let directory = TemporaryDirectory()
        try await directory.withData { data async throws in
            for number in 1...60 {
                try await data.journals[0].append(
                    [UInt8](repeating: UInt8(number), count: number % 9 == 0 ? 9_000 : 300))
            }
        }
        let intact = try directory.readDatabase()
        var refused = 0
        for bytes in stride(from: 0, to: intact.count, by: 4_096).flatMap({ [$0, $0 + 1_000] }) {
            try directory.writeDatabase(Array(intact.prefix(bytes)))
            let error = await storageError {
                try directory.withOffline { data throws in
                    // Only pages that are not needed were cut off.
                    #expect(try data.logs[0].all().count == 60)
                }
            }
            if error != nil { refused += 1 }
        }
        #expect(refused > intact.count / 4_096)
    }
}

extension [UInt8] {
    /// Where `pattern` begins in these bytes.
    fileprivate func places(of pattern: [UInt8]) -> [Int] {
        guard let first = pattern.first, count >= pattern.count else { return [] }
        return (0...count - pattern.count).filter { place in
            self[place] == first && self[place..<place + pattern.count].elementsEqual(pattern)
        }
    }
}
