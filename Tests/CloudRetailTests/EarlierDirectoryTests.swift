import EventSourcing
import Foundation
import Storage
import Testing

@testable import ActorSystem
@testable import cloudretail

/// A data directory that the last program has written which did not replicate its logs: products, stock, orders, one of
/// them cancelled, one refunded and one declined, accounts and a cart, on two shards.
@Suite("The directory of a node of before logs were replicated", .timeLimit(.minutes(10)))
struct EarlierDirectoryTests {
    /// What `cloudretail verify` of that program said of it.
    private struct Report: Decodable {
        let ok: Bool
        let orders: Int
        let skus: Int
        let units_on_hand: Int64
        let units_reserved: Int64
        let charges: Int
        let records: Int
    }

    private final class Copy {
        let path = FileManager.default.temporaryDirectory.appending(path: "earlier-\(UUID().uuidString)").path

        init() throws {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            let database = path + "/data.mdb"
            FileManager.default.createFile(atPath: database, contents: nil, attributes: [.posixPermissions: 0o600])
            let gzip = Process()
            gzip.executableURL = URL(filePath: "/usr/bin/env")
            gzip.arguments = ["gzip", "-dc", EarlierDirectoryTests.golden("unreplicated.mdb.gz").path]
            gzip.standardOutput = try FileHandle(forWritingTo: URL(filePath: database))
            try gzip.run()
            gzip.waitUntilExit()
            #expect(gzip.terminationStatus == 0)
        }

        deinit { try? FileManager.default.removeItem(atPath: path) }
    }

    fileprivate static func golden(_ name: String) -> URL {
        URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden/\(name)")
    }

    private func expectReport(on copy: Copy) throws {
        let report = try JSONDecoder().decode(
            Report.self, from: Data(contentsOf: Self.golden("unreplicated.json")))
        let directory = try OfflineDirectory(path: copy.path)
        defer { directory.close() }
        let verification = try Verification(directory)
        #expect(verification.isSound == report.ok, "\(verification.problems)")
        let audit = verification.audit
        #expect(audit.orderCount == report.orders && audit.skuCount == report.skus)
        #expect(audit.unitsOnHand == report.units_on_hand && audit.unitsReserved == report.units_reserved)
        #expect(audit.charges == report.charges && audit.records == report.records)
    }

    @Test("is proven as it lies there")
    func offline() throws { try expectReport(on: try Copy()) }

    @Test("is rebuilt by a node, twice, and proven after it")
    func opened() async throws {
        let copy = try Copy()
        for _ in 0..<2 {
            let directory = try DataDirectory(path: copy.path, creating: false)
            for (journal, states) in zip(directory.journals, directory.states) {
                let shard = Shard(id: journal.shard, journal: journal, states: states, kinds: OwnedKind.all) {
                    fatalError("\($0)")
                }
                try await shard.recover()
                await shard.saveAll()
            }
            directory.close()
            try expectReport(on: copy)
        }
    }
}
