import Commerce
import EventSourcing
import Foundation
import Storage
import Testing

extension SystemTests {
    /// A moment of load; `tools/disaster` does it for as long as it is told to.
    @Suite("The loss of all nodes", .timeLimit(.minutes(10 + LocalArchive.secondsOfLoad / 30))) struct DisasterTests {
        private static let clients = 4

        @Test("with their data directories costs nothing that was acknowledged before the last archived position")
        func disaster() async throws {
            try await LocalCluster.with { cluster in
                let archive = LocalArchive(
                    folder: cluster.folder, urls: cluster.nodes.map(\.url), tokenFile: cluster.tokenFile)
                let clients = OrderingClients(cluster)
                var struck = ContinuousClock.now
                try await archive.follow {
                    try await clients.order(at: cluster.nodes.map(\.url), Self.clients) {
                        try await archive.wait { $0.contains { $0.hasPrefix("log") } }
                        try await Task.sleep(for: .seconds(LocalArchive.secondsOfLoad))
                        for node in cluster.nodes { kill(try cluster.pid(of: node.id), SIGKILL) }
                        struck = .now
                    }
                }
                // Gone for the restored cluster; the judge looks at them.
                let lost = cluster.folder.appending(path: "lost")
                try FileManager.default.createDirectory(at: lost, withIntermediateDirectories: true)
                for node in cluster.nodes {
                    try FileManager.default.moveItem(
                        atPath: node.dataDirectory, toPath: lost.appending(path: "\(node.id)").path)
                }
                let base = cluster.folder.appending(path: "restored").path
                let position = try #require(try await archive.restore(to: base, nodes: 3))
                let restored = ContinuousClock.now
                // As it is before it sells on.
                let copy = cluster.folder.appending(path: "copy")
                try FileManager.default.copyItem(atPath: base, toPath: copy.path)
                try await RestoredCluster.run(at: base, in: cluster.folder) { url in
                    let token = try await RestoredCluster.logIn(at: url)
                    let placed = try await cluster.order(key: "after", at: url, token: token)
                    #expect(placed.status == 201, "\(placed)")
                    let sold = ContinuousClock.now
                    let there = try await Self.survivors(of: await clients.acknowledged, at: url, token, cluster)
                    let judge = try Self.fullest(of: cluster.nodes.map { lost.appending(path: "\($0.id)").path })
                    let shipped = try FoldedShop.records(of: judge, upTo: position)
                    let all = await clients.acknowledged
                    let gone = all.filter { !there.contains($0) }
                    for id in gone {
                        #expect(shipped.order(try #require(OrderID(id))) == nil, "\(id) was archived, and is lost")
                    }
                    #expect(there.count > 0)
                    print(
                        "disaster: \(all.count) orders acknowledged, \(gone.count) lost, none of them archived (up to "
                            + "\(position)); restored \(restored - struck) and selling \(sold - struck) after the loss")
                }
                try ArchiveTests.compare(
                    try Self.fullest(of: cluster.nodes.map { lost.appending(path: "\($0.id)").path }), with: copy.path,
                    at: position)
            }
        }

        /// Of orders that were acknowledged, those that a cluster has.
        private static func survivors(
            of orders: [String], at url: String, _ token: String, _ cluster: LocalCluster
        ) async throws -> Set<String> {
            var there: Set<String> = []
            for id in orders {
                let answer = try await cluster.send(.GET, "/orders/\(id)", at: url, token: token)
                #expect(answer.status == 200 || answer.status == 404, "\(answer)")
                if answer.status == 200 { there.insert(id) }
            }
            return there
        }

        /// The directory that knows most to be committed.
        private static func fullest(of directories: [String]) throws -> String {
            let ends = try directories.map { path in
                let directory = try OfflineDirectory(path: path)
                defer { directory.close() }
                return (path: path, count: directory.logs.reduce(0) { $0 + $1.end.rawValue })
            }
            return try #require(ends.max { $0.count < $1.count }?.path)
        }
    }
}
