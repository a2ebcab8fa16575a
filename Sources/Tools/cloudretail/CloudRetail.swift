import ArgumentParser

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
            SnapshotCommand.self, RestoreCommand.self,
        ])
}
