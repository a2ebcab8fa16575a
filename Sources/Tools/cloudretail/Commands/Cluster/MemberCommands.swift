import ArgumentParser
import Foundation

/// `cloudretail cluster add-node`
struct ClusterAddNodeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add-node",
        abstract: "Add a node to a cluster that runs, and return when it votes and is ready.",
        discussion: "It has the next number that no node has had, a certificate of the cluster's own authority, and "
            + "an empty directory; it learns all there is before it votes.")

    @OptionGroup var base: BaseDirectoryOption

    @Flag(help: "Print one line of JSON.")
    var json = false

    func run() async throws {
        try await base.folder.alone {
            let node = try await MemberArrival(folder: base.folder).perform(replacing: nil)
            print(json ? try MemberReport(node, in: base.folder).json() : "Node \(node.id) is a member: \(node.url)")
        }
    }
}

/// `cloudretail cluster replace-node`
struct ClusterReplaceNodeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replace-node",
        abstract: "Put an empty node in the place of one whose disk is lost, and return when it votes and is ready.",
        discussion: "The new node has a new number: what the old one once promised is on the disk that is lost. "
            + "The old process is stopped if it runs.")

    @Argument(help: "The number of the node that goes.")
    var node: UInt64

    @OptionGroup var base: BaseDirectoryOption

    @Flag(help: "Print one line of JSON.")
    var json = false

    func run() async throws {
        try await base.folder.alone {
            let new = try await MemberArrival(folder: base.folder).perform(replacing: node)
            print(
                json
                    ? try MemberReport(new, replacing: node, in: base.folder).json()
                    : "Node \(new.id) is a member in the place of node \(node): \(new.url)")
        }
    }
}

/// `cloudretail cluster remove-node`
struct ClusterRemoveNodeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove-node",
        abstract: "Remove a node from a cluster that runs, and return when it is no member and has stopped.",
        discussion: "What it leads is handed over first. Its directory stays; its number is not used again.")

    @Argument(help: "Its number.")
    var node: UInt64

    @OptionGroup var base: BaseDirectoryOption

    @Flag(help: "Print one line of JSON.")
    var json = false

    func run() async throws {
        try await base.folder.alone {
            var processes = try ClusterProcesses(base.folder)
            try processes.requireCluster()
            let isMember = try await ClusterOperator(processes, besides: [node]).ask(.delete("/nodes/\(node)"))
            // An arrival that was cut off has left a process without a member, or a member without a record.
            if !isMember || processes.record[node: node] != nil { try await processes.dismiss(node) }
            print(json ? #"{"removed":\#(node)}"# : "Node \(node) is no member any more, and has stopped.")
        }
    }
}

/// `cloudretail cluster transfer-leader`
struct ClusterTransferLeaderCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "transfer-leader", abstract: "Hand the leadership of a shard to a node, and return when it leads.")

    @Argument(help: "The number of the shard; the first is 0.")
    var shard: UInt16

    @Argument(help: "The number of the node.")
    var node: UInt64

    @OptionGroup var base: BaseDirectoryOption

    @Flag(help: "Print one line of JSON.")
    var json = false

    func run() async throws {
        let processes = try ClusterProcesses(base.folder)
        try processes.requireCluster()
        try await ClusterOperator(processes, besides: []).ask(
            .post("/shards/\(shard)/leader", ["node": node]))
        print(json ? #"{"shard":\#(shard),"leader":\#(node)}"# : "Node \(node) leads shard \(shard).")
    }
}

/// The line of JSON about a node that has come.
private struct MemberReport: Encodable {
    let node: UInt64
    let replaced: UInt64?
    let http: String
    let pid: Int32?
    let data_dir: String
    let log: String

    init(_ node: ClusterRecord.Node, replacing replaced: UInt64? = nil, in folder: ClusterFolder) {
        self.node = node.id
        self.replaced = replaced
        http = node.url
        pid = node.process?.pid
        data_dir = folder.data(node.id)
        log = folder.log(node.id)
    }

    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}
