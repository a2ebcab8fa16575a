import ArgumentParser
import Foundation

extension ClusterUpCommand {
    /// Starts what is down, and returns once every node is ready. When that fails, what it started is ended.
    func startAll() async throws -> ClusterRecord {
        let folder = base.folder
        let password = try adminPasswordFile.map { file in
            try AdministratorPassword(in: TextFile.read(file), for: adminEmail ?? Self.administratorDefault).text
        }
        try folder.create(folder.path)
        return try await folder.alone {
            let planned = try folder.loadIfPresent().map(adapted) ?? plan()
            try ClusterFiles(folder: folder).prepare(planned, password: password)
            try folder.save(planned)
            var processes = ClusterProcesses(folder, record: planned)
            do {
                try await Self.start(&processes)
            } catch {
                try await Self.end(startedSince: planned, of: processes.record)
                throw error
            }
            return processes.record
        }
    }

    private static func start(_ processes: inout ClusterProcesses) async throws {
        if let simulator = processes.record.simulator {
            if simulator.process.isDown { try processes.startSimulator() }
            try await processes.simulatorReady()
        }
        let nodes = processes.record.nodes
        if let paused = nodes.first(where: { $0.process?.state == .paused }) {
            throw ClusterProcesses.Failure(
                description: "Node \(paused.id) is paused: `cloudretail cluster resume \(paused.id)` lets it go on.")
        }
        for node in nodes where node.process.isDown { try processes.start(node.id) }
        for node in nodes { try await processes.ready(node.id) }
    }

    private static func end(startedSince before: ClusterRecord, of record: ClusterRecord) async throws {
        for node in record.nodes where node.process != before[node: node.id]?.process {
            node.process?.send(SIGKILL)
        }
        if record.simulator?.process != before.simulator?.process { record.simulator?.process?.send(SIGKILL) }
    }

    // MARK: - The record

    private func plan() throws -> ClusterRecord {
        try ClusterRecord(
            nodes: nodes ?? Self.nodesDefault, shards: shards ?? 1, httpBase: httpBase, payment: payment ?? .simulator,
            administrator: adminEmail ?? Self.administratorDefault, rateLimits: rateLimits ?? .on,
            storefront: storefront)
    }

    private static let administratorDefault = "admin@example.com"

    /// The loss of one of three is outlived.
    private static let nodesDefault = 3

    /// The record of a cluster that is there, with new HTTP ports for nodes that are down where theirs are taken or
    /// others are asked for. The ports at which the nodes know each other stay.
    private func adapted(_ record: ClusterRecord) throws -> ClusterRecord {
        var record = record
        if let nodes, nodes != record.founders.count {
            throw ValidationError(
                "\(base.folder.path) holds a cluster that was founded with another number of nodes than \(nodes).")
        }
        if let shards, shards != record.shards {
            throw ValidationError("\(base.folder.path) holds a cluster of \(record.shards) shards: their number stays.")
        }
        if let payment, (payment == .simulator) != (record.simulator != nil) {
            throw ValidationError("\(base.folder.path) holds a cluster whose payments are taken otherwise: that stays.")
        }
        if let adminEmail, adminEmail != record.administrator {
            throw ValidationError("\(base.folder.path) holds a cluster whose first administrator is another.")
        }
        if let rateLimits { record.rateLimits = rateLimits.rawValue }
        if let storefront { record.storefront = storefront }
        var taken: Set<Int> = []
        for (place, node) in record.nodes.enumerated() where node.process.isDown {
            if let httpBase {
                record.nodes[place].http = httpBase + place
            } else if !FreePorts.isFree(node.http) {
                record.nodes[place].http = try FreePorts.next(besides: &taken)
            }
            if !FreePorts.isFree(node.metrics) { record.nodes[place].metrics = try FreePorts.next(besides: &taken) }
        }
        return record
    }
}

extension ProcessIdentity? {
    fileprivate var isDown: Bool { self.map { $0.state == .gone } ?? true }
}
