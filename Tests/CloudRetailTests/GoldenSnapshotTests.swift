import Foundation
import Testing

@testable import Snapshots
@testable import cloudretail

/// Snapshots of one shop, as version 0.10 wrote them: two products, their stock, three orders and an account, on two
/// shards. They are kept for ever.
@Suite("A snapshot of format 1", .timeLimit(.minutes(10))) struct GoldenSnapshotTests {
    private static let names = ["snapshot-1", "snapshot-1-encrypted"]

    private static func golden(_ name: String) -> URL {
        URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden/\(name)")
    }

    private static func path(_ name: String) -> String { golden(name + ".snapshot").path }

    private static func key(_ name: String) throws -> SnapshotKey? {
        guard name.hasSuffix("encrypted") else { return nil }
        return try #require(SnapshotKey(Array(try Data(contentsOf: golden("snapshot-1.key")))))
    }

    @Test("is read, and holds what was told of it", arguments: names) func read(name: String) throws {
        let snapshot = try SnapshotFile(path: Self.path(name), key: Self.key(name))
        let verification = try Verification(snapshot)
        #expect(verification.isSound, "\(verification.problems)")
        let told = try String(contentsOf: Self.golden(name + ".json"), encoding: .utf8)
        #expect(try SnapshotReport(snapshot, verification.audit).json() + "\n" == told)
    }

    @Test("is still what is written", arguments: names) func written(name: String) throws {
        let snapshot = try SnapshotFile(path: Self.path(name), key: Self.key(name))
        let bytes = try SnapshotBytes(path: Self.path(name), key: Self.key(name))
        let header = snapshot.header.encoded()
        #expect(try bytes.read(header.count, at: 0) == header)
        for (number, place) in snapshot.places.enumerated() {
            let payload = try snapshot.payload(of: number)
            let again =
                place.kind == .rows
                ? ChunkPayload.encode(try snapshot.rows(of: number))
                : ChunkPayload.encode(try snapshot.entries(of: number))
            #expect(again == payload, "chunk \(number)")
        }
    }
}
