import ArgumentParser
import Foundation

/// `cloudretail cluster kill`
struct ClusterKillCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kill", abstract: "Kill a node (SIGKILL), and return when its process is gone.")
    @OptionGroup var target: NodeArguments

    func run() async throws {
        let node = try await target.number
        let process = try ClusterProcesses(target.base.folder).process(of: node)
        process.send(SIGKILL)
        try await target.expect(process, .gone, within: ClusterProcesses.signalLimit)
        print("Node \(node) is gone.")
    }
}

/// `cloudretail cluster stop`
struct ClusterStopCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop", abstract: "Ask a node to stop (SIGTERM), and return when it has.")
    @OptionGroup var target: NodeArguments

    func run() async throws {
        let node = try await target.number
        let process = try ClusterProcesses(target.base.folder).process(of: node)
        try await ClusterProcesses.end(process, named: "Node \(node)")
        print("Node \(node) has stopped.")
    }
}

/// `cloudretail cluster pause`
struct ClusterPauseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause", abstract: "Pause a node (SIGSTOP), and return when it stands still.")
    @OptionGroup var target: NodeArguments

    func run() async throws {
        let node = try await target.number
        let process = try ClusterProcesses(target.base.folder).process(of: node)
        process.send(SIGSTOP)
        try await target.expect(process, .paused, within: ClusterProcesses.signalLimit)
        print("Node \(node) is paused.")
    }
}

/// `cloudretail cluster resume`
struct ClusterResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Let a paused node go on (SIGCONT), and return when it does.")
    @OptionGroup var target: NodeArguments

    func run() async throws {
        let node = try await target.number
        let process = try ClusterProcesses(target.base.folder).process(of: node)
        process.send(SIGCONT)
        try await target.expect(process, .running, within: ClusterProcesses.signalLimit)
        print("Node \(node) goes on.")
    }
}

/// `cloudretail cluster restart`
struct ClusterRestartCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restart",
        abstract: "Start a node on its old ports, and return when it is ready; one that runs is stopped first.",
        discussion: """
            A node is ready only when a majority of the nodes runs. While too many others are down, the node is \
            started and the command fails at once, saying which they are. "cluster up" starts all that are down; one \
            by one, start all but the last with --no-wait.
            """)
    @OptionGroup var target: NodeArguments

    @Flag(name: .customLong("no-wait"), help: "Return once the process runs.")
    var isImmediate = false

    func run() async throws {
        try await target.base.folder.alone {
            let node = try await target.number
            var processes = try ClusterProcesses(target.base.folder)
            if let process = try processes.node(node).process {
                // Where nothing can be written, the node goes on.
                try processes.prepareStart(of: node)
                try await ClusterProcesses.end(process, named: "Node \(node)")
            }
            try processes.start(node)
            if !isImmediate {
                try processes.requireMajority(for: node)
                try await processes.ready(node)
            }
            print("Node \(node) \(isImmediate ? "is started" : "is ready").")
        }
    }
}

extension NodeArguments {
    fileprivate func expect(
        _ process: ProcessIdentity, _ state: ProcessIdentity.State, within limit: Duration
    ) async throws {
        guard try await process.reaches(state, within: limit) else {
            throw ClusterProcesses.Failure(
                description: "Node \(node) has got its signal, and is \(process.state) after \(limit).")
        }
    }
}
