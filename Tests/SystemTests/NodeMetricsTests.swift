import Foundation
import Testing

extension SystemTests {
    /// What a node tells Prometheus of the machine that it runs on.
    @Suite("The metrics of a node", .timeLimit(patience)) struct NodeMetricsTests {
        @Test("tell the room on the disk, and that nothing new is taken on for want of it, until there is room")
        func disk() async throws {
            let folder = FileManager.default.temporaryDirectory.appending(path: "metrics-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            let machines = NodeMachines(folder: folder)
            let node = try ChildProcess(
                "cloudretail",
                [
                    "serve", "--data-dir", folder.appending(path: "node").path, "--http", "127.0.0.1:0",
                    "--payment", "in-process", "--metrics", "127.0.0.1:0",
                ], in: folder, environment: machines.settings(of: 1))
            let url = "\(try await node.line(after: "metrics on "))/metrics"
            func metric(_ name: String) async throws -> Int? {
                let lines = try await Answer.of(.GET, url).text.split(separator: "\n")
                return lines.first { $0.hasPrefix(name + " ") }.flatMap { Int($0.dropFirst(name.count + 1)) }
            }
            let volume = try FileManager.default.attributesOfFileSystem(forPath: folder.path)
            let size = try #require(volume[.systemSize] as? Int)
            #expect(try await metric("disk_size_bytes") == size)
            let free = try #require(try await metric("disk_free_bytes"))
            #expect(free > 0 && free < size)
            #expect(try await metric("disk_full") == 0)

            try machines.set(.freeBytes, of: 1, to: 1 << 20)
            while try await metric("disk_full") != 1 { try await Task.sleep(for: ChildProcess.pollPause) }
            #expect(try await metric("disk_free_bytes") == 1 << 20)
            #expect(try await metric("disk_size_bytes") == size)

            try machines.set(.freeBytes, of: 1, to: 0)
            while try await metric("disk_full") != 0 { try await Task.sleep(for: ChildProcess.pollPause) }
            #expect(try #require(try await metric("disk_free_bytes")) > 0)
            node.terminate()
            #expect(try await node.exit() == 0)
        }
    }
}
