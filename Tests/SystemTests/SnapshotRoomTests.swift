import Foundation
import Testing

extension SystemTests {
    /// Snapshots and restores that find no room on the disk, at the first byte and further on.
    @Suite("A snapshot or a restore without room", .timeLimit(patience)) struct SnapshotRoomTests {
        private static let nodes = 3

        @Test("ends with one line that names the place, leaves nothing, and succeeds once there is room")
        func full() async throws {
            try await SnapshottedShop.with { shop in
                try await shop.add(skus: 1_000)
                let download = shop.download(to: shop.file)
                try await shop.run(download)
                let size = try Self.size(of: shop.file)
                try FileManager.default.removeItem(atPath: shop.file)
                for bytesMax in [0, size / 2, size * 3 / 4] {
                    try await Self.expectRefusal(of: download, bytesMax: bytesMax, at: shop.file, in: shop)
                    #expect(!shop.isThere(shop.file + ".creating"))
                }
                try await shop.run(download)

                let base = shop.path("restored")
                let restore = shop.restore(to: base, nodes: Self.nodes)
                try await shop.run(restore)
                let last = try Self.size(of: "\(base)/node-\(Self.nodes)/data/data.mdb")
                try FileManager.default.removeItem(atPath: base)
                for bytesMax in [0, 4_096, 64 << 10, last / 2, last * 3 / 4] {
                    try await Self.expectRefusal(of: restore, bytesMax: bytesMax, at: base, in: shop)
                    #expect(!shop.isThere(base + ".restoring"))
                }
                try await shop.run(restore)
                try await shop.verify(base, nodes: Self.nodes)
            }
        }

        private static func size(of path: String) throws -> Int {
            try #require(FileManager.default.attributesOfItem(atPath: path)[.size] as? Int)
        }

        private static func expectRefusal(
            of arguments: [String], bytesMax: Int, at place: String, in shop: SnapshottedShop
        ) async throws {
            let complaint = try await shop.run(arguments, bytesMax: bytesMax)
            let lines = complaint.split(separator: "\n")
            #expect(lines.count == 1 && complaint.contains(place), "\(bytesMax) bytes: \(complaint)")
            #expect(!shop.isThere(place), "\(bytesMax) bytes")
        }
    }
}
