import ArgumentParser
import Foundation
import Workload

extension ClusterUpCommand {
    /// Starts what is down, and returns once every node is ready. When that fails, what it started is ended, and all is
    /// as it was: of a new cluster nothing is left. A majority that is ready serves on without the others.
    ///
    /// - Throws: of a majority too, once it is ready, which nodes are not.
    func startAll() async throws -> ClusterRecord {
        let folder = base.folder
        let password = try adminPasswordFile.map { file in
            try AdministratorPassword(in: TextFile.read(file), for: adminEmail ?? Self.administratorDefault).text
        }
        try folder.requireUnrestored()
        let around = ClusterFolder.absent([folder.lock, folder.path])
        try folder.create(folder.path)
        return try await folder.alone {
            let known = try folder.loadIfPresent()
            let planned = try known.map(adapted) ?? plan()
            let made = known == nil ? ClusterFolder.absent(folder.files(of: planned)) + around : []
            var processes = ClusterProcesses(folder, record: planned)
            // The founders of a new cluster vote only once all of them have met.
            let failuresMax = known == nil ? 0 : (planned.nodes.count - 1) / 2
            let failures: [UInt64: any Error]
            do {
                try ClusterFiles(folder: folder).prepare(planned, password: password)
                try folder.save(planned)
                failures = try await Self.start(&processes, failuresMax: failuresMax)
            } catch {
                Self.end(startedSince: planned, of: processes.record)
                folder.remove(made)
                if let known { try folder.save(known) }
                throw error
            }
            guard failures.isEmpty else { throw processes.incompleteness(failures) }
            return processes.record
        }
    }

    /// - Returns: why nodes are not ready, while the others are.
    /// - Throws: once more than `failuresMax` nodes cannot become ready.
    private static func start(
        _ processes: inout ClusterProcesses, failuresMax: Int
    ) async throws -> [UInt64: any Error] {
        if let simulator = processes.record.simulator {
            if simulator.process.isDown { try processes.startSimulator() }
            try await processes.simulatorReady()
        }
        let nodes = processes.record.nodes
        if let paused = nodes.first(where: { $0.process?.state == .paused }) {
            throw ClusterProcesses.Failure(
                description: "Node \(paused.id) is paused: `cloudretail cluster resume \(paused.id)` lets it go on.")
        }
        var failures: [UInt64: any Error] = [:]
        func note(_ error: any Error, of id: UInt64) throws {
            failures[id] = error
            if failures.count > failuresMax || error is CancellationError { throw error }
        }
        for node in nodes where node.process.isDown {
            do { try processes.start(node.id) } catch { try note(error, of: node.id) }
        }
        let started = processes
        try await withThrowingTaskGroup(of: (UInt64, (any Error)?).self) { group in
            for id in nodes.map(\.id) where failures[id] == nil {
                group.addTask {
                    do { try await started.ready(id) } catch { return (id, error) }
                    return (id, nil)
                }
            }
            while let (id, error) = try await group.next() {
                guard let error else { continue }
                try note(error, of: id)
            }
        }
        return failures
    }

    private static func end(startedSince before: ClusterRecord, of record: ClusterRecord) {
        var started = record.nodes.filter { $0.process != before[node: $0.id]?.process }.compactMap(\.process)
        if let simulator = record.simulator?.process, simulator != before.simulator?.process {
            started.append(simulator)
        }
        for process in started { process.send(SIGKILL) }
        let end = ContinuousClock.now + ClusterProcesses.signalLimit
        // Whether this task is cancelled or not: what they have made is taken away next.
        while started.contains(where: { $0.state != .gone }), ContinuousClock.now < end { usleep(endPause) }
    }

    /// Microseconds between two looks at processes that have been killed.
    private static let endPause: UInt32 = 5_000

    // MARK: - The record

    private func plan() throws -> ClusterRecord {
        try ClusterRecord(
            nodes: nodes ?? Self.nodesDefault, shards: shards ?? 1, httpBase: httpBase, payment: payment ?? .simulator,
            administrator: adminEmail ?? Self.administratorDefault, rateLimits: rateLimits ?? .on,
            storefront: storefrontFolder)
    }

    /// Found from wherever the cluster is started the next time.
    private var storefrontFolder: String? {
        storefront.map { $0.isEmpty ? $0 : URL(fileURLWithPath: $0).path }
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
                "\(base.folder.path) holds a cluster that was founded with --nodes \(record.founders.count), not "
                    + "\(nodes): leave that out (cluster add-node adds one), or give another --base-dir.")
        }
        if let shards, shards != record.shards {
            throw ValidationError(
                "\(base.folder.path) holds a cluster of \(record.shards.counted("shard")): their number stays.")
        }
        if let payment, (payment == .simulator) != (record.simulator != nil) {
            throw ValidationError("\(base.folder.path) holds a cluster whose payments are taken otherwise: that stays.")
        }
        if let adminEmail, adminEmail != record.administrator {
            throw ValidationError("\(base.folder.path) holds a cluster whose first administrator is another.")
        }
        if let rateLimits { record.rateLimits = rateLimits.rawValue }
        if let storefrontFolder { record.storefront = storefrontFolder }
        if let httpBase {
            for (place, node) in record.nodes.enumerated()
            where !node.process.isDown && !node.isJoining && node.http != httpBase + place {
                throw ValidationError(
                    "Node \(node.id) runs, on port \(node.http): --http-base \(httpBase) counts once it is down "
                        + "(cluster down --base-dir \(base.baseDirectory)).")
            }
        }
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
