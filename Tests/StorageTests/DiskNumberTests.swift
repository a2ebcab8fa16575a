import Consensus
import LogFormat
import Testing

@testable import Storage

@Suite("The number of a node's disk") struct DiskNumberTests {
    @Test("is a directory's own, for as long as it lives")
    func own() async throws {
        let (first, second) = (TemporaryDirectory(), TemporaryDirectory())
        let number = try await first.withData(\.diskNumber)
        #expect(number != 0)
        #expect(try await first.withData(\.diskNumber) == number)
        #expect(try await second.withData(\.diskNumber) != number)
    }

    @Test("of a peer is remembered when it is first met, and no other is taken for it, after a restart either")
    func peers() async throws {
        let directory = TemporaryDirectory()
        try await directory.withData { data in
            #expect(data.recognises(disk: 0, of: NodeID(2)))
            #expect(data.recognises(disk: 22, of: NodeID(2)))
            #expect(data.recognises(disk: 33, of: NodeID(3)))
        }
        try await directory.withData { data in
            for number in [21, 33, 0] as [UInt64] { #expect(!data.recognises(disk: number, of: NodeID(2))) }
            #expect(data.recognises(disk: 22, of: NodeID(2)) && data.recognises(disk: 33, of: NodeID(3)))
            #expect(data.recognises(disk: 22, of: NodeID(4)))
        }
    }

    @Test("is given to a directory that has none yet")
    func older() async throws {
        let directory = TemporaryDirectory()
        try await directory.withData { _ in }
        try change(directory) { transaction throws(StorageError) in
            try transaction.delete(from: .hard, key: [UInt8]("disk".utf8))
        }
        let number = try await directory.withData(\.diskNumber)
        #expect(try await directory.withData(\.diskNumber) == number)
    }

    @Test("is not believed when its checksum says that it is damaged")
    func damaged() async throws {
        let directory = TemporaryDirectory()
        try await directory.withData { _ in }
        try change(directory) { transaction throws(StorageError) in
            try transaction.put([UInt8](repeating: 1, count: 12), in: .hard, forKey: [UInt8]("disk".utf8))
        }
        let error = await storageError { try await directory.withData { _ in } }
        #expect(error == .corruptHeader(name: "disk"))
    }

    private func change(
        _ directory: TemporaryDirectory, _ body: (WriteTransaction) throws(StorageError) -> Void
    ) throws {
        let environment = try LMDBEnvironment(path: directory.path)
        defer { environment.close() }
        try environment.write(body)
    }
}
