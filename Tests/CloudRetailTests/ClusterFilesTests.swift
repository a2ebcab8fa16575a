import Foundation
import Testing

@testable import cloudretail

@Suite("The files of a cluster on this machine")
struct ClusterFilesTests {
    private let folder = ClusterFolder(
        FileManager.default.temporaryDirectory.appending(path: "cluster-files-\(UUID())").path)

    private func record(_ payment: ClusterUpCommand.Payment, storefront: String? = nil) throws -> ClusterRecord {
        try ClusterRecord(
            nodes: 1, shards: 1, httpBase: nil, payment: payment, administrator: "a@example.com", rateLimits: .on,
            storefront: storefront)
    }

    private func settings() throws -> [String: Any] {
        let data = try Data(contentsOf: URL(fileURLWithPath: folder.configuration(1)))
        return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    @Test("keep the settings that somebody has added to a node's, and no other's that are outdated")
    func settingsStay() throws {
        defer { try? FileManager.default.removeItem(atPath: folder.path) }
        let files = ClusterFiles(folder: folder)
        let first = try record(.simulator, storefront: "/pages")
        try folder.create(folder.path)
        try files.prepare(first, password: nil)
        try files.configure(first.nodes[0], of: first)
        #expect(try settings()["storefront"] as? String == "/pages" && settings()["payment-url"] != nil)
        var changed = try settings()
        changed["log-retention"] = "age:720h"
        changed["http"] = "127.0.0.1:1"
        try JSONSerialization.data(withJSONObject: changed)
            .write(to: URL(fileURLWithPath: folder.configuration(1)))
        let second = try record(.inProcess)
        try files.configure(second.nodes[0], of: second)
        let kept = try settings()
        #expect(kept["log-retention"] as? String == "age:720h" && kept["payment"] as? String == "in-process")
        #expect(kept["http"] as? String == "127.0.0.1:\(second.nodes[0].http)")
        #expect(kept["storefront"] == nil && kept["payment-url"] == nil)
        try Data("{".utf8).write(to: URL(fileURLWithPath: folder.configuration(1)))
        #expect(throws: ClusterFiles.Unreadable.self) { try files.configure(second.nodes[0], of: second) }
    }

    @Test("are not made where a restore is under way")
    func restoring() throws {
        defer { try? FileManager.default.removeItem(atPath: folder.restoring.path) }
        try folder.requireUnrestored()
        try FileManager.default.createDirectory(atPath: folder.restoring.path, withIntermediateDirectories: true)
        #expect(throws: ClusterFolder.BeingRestored.self) { try folder.requireUnrestored() }
    }
}
