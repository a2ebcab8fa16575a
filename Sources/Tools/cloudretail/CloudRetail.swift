import ArgumentParser
import Foundation

/// The one executable: the node, and the tools around it.
@main
struct CloudRetail: AsyncParsableCommand {
    /// Of the program, as nodes tell it to each other and to operators.
    static let version = "0.10"

    static let configuration = CommandConfiguration(
        commandName: "cloudretail",
        abstract: "A retail backend in one executable, and the tools around it.", version: version,
        subcommands: [
            ServeCommand.self, AdminCommand.self, VerifyCommand.self, LogCommand.self, ImportCommand.self,
            ReplayCommand.self, BenchCommand.self, ClusterCommand.self, CertificatesCommand.self,
            SnapshotCommand.self, RestoreCommand.self, DiffCommand.self, ArchiveCommand.self, StorefrontCommand.self,
        ])

    static func main() async {
        do {
            var command = try await asyncParseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            let isUsage = error is any WrongSetting || exitCode(for: error) == .validationFailure
            guard isUsage else { exit(withError: FileFailure(error) ?? error) }
            // What a command finds out once it runs says all in its own words: the library knows no help page for it.
            let line = (error as? ValidationError).map { "Error: \($0.message)" } ?? usageLine(fullMessage(for: error))
            FileHandle.standardError.write(Data("\(line)\n".utf8))
            exit(withError: ExitCode.validationFailure)
        }
    }

    /// What is wrong with the arguments, and where the right ones are told: one line of the many.
    static func usageLine(_ message: String) -> String {
        let lines = message.split(separator: "\n").map { $0.trimmingPrefix { $0 == " " } }
        guard let first = lines.first else { return message }
        guard let hint = lines.last(where: { $0.hasPrefix("See '") }) else { return String(first) }
        let end = first.hasSuffix(".") || first.hasSuffix("?") ? "" : "."
        return "\(first)\(end) \(hint.replacing(" for more information", with: ""))"
    }
}
