import EventSourcing
import Foundation
import LogFormat
import Testing
import Wire

@testable import Storage

@Suite struct OpeningTests {
    @Test func aMissingDirectoryIsNamedAndNotCreated() async throws {
        let directory = TemporaryDirectory()
        #expect(throws: StorageError.noDataDirectory(path: directory.path)) {
            try DataDirectory(path: directory.path, creating: false)
        }
        #expect(!FileManager.default.fileExists(atPath: directory.path))
    }

    @Test func aDirectoryWithoutADatabaseIsNoDataDirectory() async throws {
        let directory = TemporaryDirectory()
        try FileManager.default.createDirectory(atPath: directory.path, withIntermediateDirectories: true)
        #expect(throws: StorageError.noDataDirectory(path: directory.path)) {
            try DataDirectory(path: directory.path, creating: false)
        }
    }

    @Test(arguments: ["adduser.conf", "node-1/data", "cluster.json", "shop.snapshot"])
    func aDirectoryThatHoldsOtherThingsIsRefusedAndStaysAsItIs(_ foreign: String) async throws {
        let directory = TemporaryDirectory()
        let file = URL(filePath: directory.path).appending(path: foreign)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data().write(to: file)
        let name = try #require(foreign.split(separator: "/").first)
        #expect(throws: StorageError.foreignDirectory(path: directory.path, name: String(name))) {
            try DataDirectory(path: directory.path, creating: true)
        }
        #expect(throws: StorageError.noDataDirectory(path: directory.path)) {
            try OfflineDirectory(path: directory.path)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == [String(name)])
    }

    @Test func aNewDirectoryMayHoldWhatTheSystemAndNodesPutThere() async throws {
        let directory = TemporaryDirectory()
        for name in ["lost+found", ".trash", "keys", "secrets"] {
            try FileManager.default.createDirectory(
                atPath: "\(directory.path)/\(name)", withIntermediateDirectories: true)
        }
        try await directory.withData { _ in }
        // With a shop in it, it is the operator's what else lies there.
        try Data().write(to: URL(filePath: directory.path + "/notes"))
        try await directory.withData { _ in }
    }

    @Test func theOwnerAloneMayReadIt() async throws {
        let directory = TemporaryDirectory()
        try await directory.withData { _ in }
        for (name, mode) in [("", 0o700), ("/data.mdb", 0o600), ("/lock", 0o600), ("/lock.mdb", 0o600)] {
            let facts = try FileManager.default.attributesOfItem(atPath: directory.path + name)
            #expect(facts[.posixPermissions] as? Int == mode, "\(name)")
        }
    }

    @Test(arguments: [0o777, 0o770, 0o702, 0o1777])
    func aDirectoryInWhichOthersMayWriteIsRefused(_ mode: Int) async throws {
        let directory = TemporaryDirectory()
        try await directory.withData { _ in }
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: directory.path)
        #expect(throws: StorageError.exposed(path: directory.path, mode: UInt32(mode))) {
            try DataDirectory(path: directory.path, creating: true)
        }
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: directory.path)
        try await directory.withData { _ in }
    }

    @Test func theNumberOfShardsIsRememberedAndFixed() async throws {
        let directory = TemporaryDirectory()
        try await directory.withData(shards: 4) { #expect($0.journals.count == 4) }
        try await directory.withData { #expect($0.identity.shards == 4) }
        try await directory.withData(shards: 4) { #expect($0.states.count == 4) }
        #expect(throws: StorageError.shardCount(found: 4, asked: 2)) {
            try DataDirectory(path: directory.path, shards: 2, creating: true)
        }
    }

    @Test(arguments: [0, -1, 4_097, 70_000])
    func anImpossibleNumberOfShardsIsRefusedBeforeAnythingIsCreated(_ shards: Int) async throws {
        let directory = TemporaryDirectory()
        #expect(throws: StorageError.shardsOutOfRange(asked: shards, max: 4_096)) {
            try DataDirectory(path: directory.path, shards: shards, creating: true)
        }
        #expect(!FileManager.default.fileExists(atPath: directory.databasePath))
    }

    @Test func itIsOpenedOnceInOneProcess() async throws {
        let directory = TemporaryDirectory()
        try await directory.withData { _ in
            #expect(throws: StorageError.alreadyOpen(path: directory.path)) {
                try DataDirectory(path: directory.path, creating: true)
            }
        }
        for _ in 0..<20 { try await directory.withData { _ in } }
    }

    @Test func itIsOpenedOnceAmongProcesses() async throws {
        let directory = TemporaryDirectory()
        let holder = try ChildProcess("hold", directory.path)
        #expect(try holder.readLine() == "open")
        #expect(throws: StorageError.alreadyOpen(path: directory.path)) {
            try DataDirectory(path: directory.path, creating: true)
        }
        #expect(try holder.finish() == 0)
        try await directory.withData { _ in }
    }

    @Test func anotherFormatVersionIsNamed() async throws {
        let directory = TemporaryDirectory()
        try await directory.withData { _ in }
        try editDatabase(directory.path) { transaction throws(StorageError) in
            var identity = DirectoryIdentity(cluster: 1, shards: 1).encoded()
            identity[5] = 4
            try transaction.put(Sealed.sealing(identity, seed: 0x4352_4431), in: .hard, forKey: DirectoryIdentity.key)
        }
        let error = await storageError { try await directory.withData { _ in } }
        #expect(error == .formatVersion(found: 4, supported: 3))
        #expect(error?.description.contains("format version 4") == true)
    }

    @Test func aCreationThatWasCutShortIsBegunAgain() async throws {
        let directory = TemporaryDirectory()
        try FileManager.default.createDirectory(
            atPath: directory.path + "/creating", withIntermediateDirectories: true)
        try Data("half".utf8).write(to: URL(filePath: directory.path + "/creating/data.mdb"))
        try await directory.withData { try await $0.journals[0].append([1]) }
        #expect(!FileManager.default.fileExists(atPath: directory.path + "/creating"))
    }

    @Test func aFailedOpenLetsGoOfTheDirectory() async throws {
        let directory = TemporaryDirectory()
        try await directory.withData(shards: 2) { _ in }
        for _ in 0..<5 {
            #expect(throws: StorageError.self) { try DataDirectory(path: directory.path, shards: 3, creating: false) }
        }
        try await directory.withData(shards: 2) { _ in }
    }
}

/// Changes rows behind the back of `DataDirectory`.
func editDatabase(
    _ path: String, _ body: (borrowing WriteTransaction) throws(StorageError) -> Void
) throws {
    let environment = try LMDBEnvironment(path: path)
    defer { environment.close() }
    try environment.write(body)
}
