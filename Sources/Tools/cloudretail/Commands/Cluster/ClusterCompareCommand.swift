import ArgumentParser
import Foundation

/// `cloudretail cluster compare`
struct ClusterCompareCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare", abstract: "Prove that all nodes say the same of everything, at the same record.",
        discussion: """
            Folds the log of each node, and then what the others have committed beyond it, so that all come to the \
            same index; then compares every aggregate. A node may run meanwhile: a copy of its database is read. Exits \
            with 1, and names the first record at which two logs part, or the first aggregate that differs.
            """)

    @OptionGroup var base: BaseDirectoryOption

    @Flag(help: "Print one line of JSON.")
    var json = false

    private struct Report: Encodable {
        struct Difference: Encodable {
            let kind: String
            let id: String
            /// What each node says, by its number.
            let nodes: [String: String]
        }

        let equal: Bool
        /// The last record that was compared, by shard.
        let index: [String: UInt64]
        var difference: Difference?
    }

    func run() async throws {
        let folder = base.folder
        let record = try folder.load()
        let views = try record.nodes.map { node in
            guard FileManager.default.fileExists(atPath: folder.data(node.id) + "/data.mdb") else {
                throw NodeComparison.Failure(description: "Node \(node.id) has no data in \(folder.data(node.id)).")
            }
            let isRunning = node.process.map { $0.state != .gone } ?? false
            return try NodeView(node.id, path: folder.data(node.id), isRunning: isRunning)
        }
        defer { for view in views { view.close() } }
        let comparison = try NodeComparison(views)
        let report = Report(
            equal: comparison.difference == nil,
            index: Dictionary(uniqueKeysWithValues: comparison.index.map { ("\($0.key)", $0.value) }),
            difference: comparison.difference.map {
                .init(
                    kind: $0.kind, id: $0.id,
                    nodes: Dictionary(uniqueKeysWithValues: $0.nodes.map { ("\($0.key)", $0.value) }))
            })
        print(json ? try Self.line(report) : comparison.text)
        guard report.equal else { throw ExitCode.failure }
    }

    private static func line(_ report: Report) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(report), as: UTF8.self)
    }
}
