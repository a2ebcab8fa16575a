import ArgumentParser
import Foundation
import Gateway
import Logging

/// `cloudretail serve`: runs a node.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Run a node: the shop, its log and its HTTP gateway.",
        discussion: """
            Every setting can also come from the environment or from a JSON file (--config); flags win over the \
            environment, the environment over the file.

            \(table)
            """)

    /// The table of settings, as the README has it.
    private static var table: String {
        NodeConfiguration.table
            .map { "  \($0.name), \($0.variable) [\($0.fallback)]\n    \($0.meaning)" }
            .joined(separator: "\n")
    }

    @OptionGroup var settings: SettingFlags

    @Option(help: "A JSON file of settings.")
    var config: String?

    func run() async throws {
        let configuration = try NodeConfiguration.read(flags: settings.given, file: config)
        let sink = LineSink(descriptor: 2)
        guard let level = Logger.Level(rawValue: configuration.logLevel) else {
            throw NodeConfiguration.Invalid(setting: NodeConfiguration.logLevel, value: configuration.logLevel)
        }
        let logger = Logger(label: "cloudretail") { label in
            JSONLogHandler(label: label, sink: sink, level: level)
        }
        let unknown = NodeConfiguration.unknownVariables(of: ProcessInfo.processInfo.environment)
        if !unknown.isEmpty {
            let names = unknown.joined(separator: ", ")
            logger.warning("The environment has what is no setting", metadata: ["names": "\(names)"])
        }
        let metricsSink = LineSink(descriptor: 1)
        let node = try await Node(
            configuration, logger: logger, sink: sink, metricsSink: metricsSink
        ) { listener, url in
            FileHandle.standardOutput.write(Data("\(listener.rawValue) \(url)\n".utf8))
        }
        try await node.run()
        sink.flush()
    }
}
