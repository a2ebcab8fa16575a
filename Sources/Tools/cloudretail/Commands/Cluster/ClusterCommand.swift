import ArgumentParser
import Foundation

/// `cloudretail cluster`: the nodes of a cluster on this machine.
struct ClusterCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cluster", abstract: "Run a cluster on this machine, and look after it.",
        subcommands: [
            ClusterUpCommand.self, ClusterStatusCommand.self, ClusterKillCommand.self, ClusterStopCommand.self,
            ClusterPauseCommand.self, ClusterResumeCommand.self, ClusterRestartCommand.self, ClusterDownCommand.self,
            ClusterCompareCommand.self, ClusterAddNodeCommand.self, ClusterRemoveNodeCommand.self,
            ClusterReplaceNodeCommand.self, ClusterTransferLeaderCommand.self,
        ])
}

/// Where a cluster lies.
struct BaseDirectoryOption: ParsableArguments {
    @Option(name: .customLong("base-dir"), help: "The folder of the cluster.")
    var baseDirectory: String

    var folder: ClusterFolder { ClusterFolder(baseDirectory) }

    func validate() throws { try Self.require(baseDirectory) }

    /// - Throws: for the empty text of a variable that is not set, which would be the working directory.
    static func require(_ directory: String) throws {
        guard !directory.isEmpty else { throw ValidationError("--base-dir names no folder.") }
    }
}

/// One node of a cluster.
struct NodeArguments: ParsableArguments {
    @Argument(help: ArgumentHelp("Its number, or \"leader\": that of the node that leads the first shard."))
    var node: String

    @OptionGroup var base: BaseDirectoryOption

    private static let leader = "leader"

    func validate() throws {
        guard node == Self.leader || UInt64(node) != nil else {
            throw ValidationError("\"\(node)\" is neither a node's number nor \"\(Self.leader)\".")
        }
    }

    /// The node's number.
    var number: UInt64 {
        get async throws {
            if let number = UInt64(node) { return number }
            let status = try await StatusSource.folder(base.folder).ask()
            guard let leader = status.shards.first?.leader else {
                throw ClusterProcesses.Failure(description: "No node leads the first shard at present.")
            }
            return leader
        }
    }
}

/// `cloudretail cluster down`
struct ClusterDownCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "down", abstract: "Stop all nodes and the payment simulator; what was sold stays.")

    @OptionGroup var base: BaseDirectoryOption

    func run() async throws {
        try await base.folder.alone { try await ClusterProcesses(base.folder).endAll() }
    }
}
