import Foundation
import Workload

/// The processes of a cluster on this machine, and the record of them.
struct ClusterProcesses {
    let folder: ClusterFolder
    private(set) var record: ClusterRecord

    /// A node that has not flushed what it has begun by then hangs.
    static let endLimit = Duration.seconds(30)
    /// What the kernel may take to end a process that has been killed, or to stop its threads.
    static let signalLimit = Duration.seconds(10)
    /// A node that catches up with much is not ready before.
    static let readyLimit = Duration.seconds(120)
    private static let probeLimit = Duration.seconds(2)
    private static let probePause = Duration.milliseconds(50)

    init(_ folder: ClusterFolder) throws {
        self.folder = folder
        record = try folder.load()
    }

    init(_ folder: ClusterFolder, record: ClusterRecord) {
        self.folder = folder
        self.record = record
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    func node(_ id: UInt64) throws -> ClusterRecord.Node {
        guard let node = record[node: id] else { throw Failure(description: "\(folder.path) has no node \(id).") }
        return node
    }

    /// The process of a node that runs or is paused.
    func process(of id: UInt64) throws -> ProcessIdentity {
        guard let process = try node(id).process, process.state != .gone else {
            throw Failure(description: "Node \(id) is not running.")
        }
        return process
    }

    mutating func change(_ body: (inout ClusterRecord) -> Void) throws {
        body(&record)
        try folder.save(record)
    }

    // MARK: - Starting

    /// Writes what a node is started with, as `start` does.
    func prepareStart(of id: UInt64) throws {
        try ClusterFiles(folder: folder).configure(try node(id), of: record)
        try folder.save(record)
    }

    /// Starts a node that is down, and returns at once.
    mutating func start(_ id: UInt64) throws {
        let node = try node(id)
        let ports = record.isCluster ? [node.http, node.peers] : [node.http]
        if let port = ports.first(where: { !FreePorts.isFree($0) }) {
            throw Failure(description: "Node \(id) cannot start: port \(port) is taken.")
        }
        try ClusterFiles(folder: folder).configure(node, of: record)
        let process = try DetachedProcess.start(
            DetachedProcess.sibling("cloudretail"), ["serve", "--config", folder.configuration(id)],
            log: folder.log(id))
        record.update(id) { $0.process = process }
        try folder.save(record)
    }

    mutating func startSimulator() throws {
        guard let simulator = record.simulator else { return }
        guard FreePorts.isFree(simulator.port) else {
            throw Failure(description: "The payment simulator cannot start: port \(simulator.port) is taken.")
        }
        record.simulator?.process = try DetachedProcess.start(
            DetachedProcess.sibling("payment-simulator"),
            [
                "--http", "127.0.0.1:\(simulator.port)", "--ledger", folder.paymentLedger, "--key-file",
                folder.paymentKey,
            ], log: folder.paymentLog)
        try folder.save(record)
    }

    /// Waits until a node serves.
    ///
    /// - Throws: `Failure` with the end of its log when it ends before, or does not within `limit`.
    func ready(_ id: UInt64, within limit: Duration = readyLimit) async throws {
        let node = try node(id)
        try await answers("\(node.url)/readyz", of: "Node \(id)", node.process, log: folder.log(id), within: limit)
    }

    /// Returns never, but
    ///
    /// - Throws: `Failure` with the end of its log when the node ends.
    func watch(_ id: UInt64) async throws {
        let process = try node(id).process
        while process?.state != .gone { try await Task.sleep(for: Self.probePause) }
        throw Failure(description: "Node \(id) has ended:\n\(ClusterFolder.tail(of: folder.log(id)))")
    }

    func simulatorReady() async throws {
        guard let simulator = record.simulator else { return }
        try await answers(
            "\(simulator.url)/v1/ledger/summary", of: "The payment simulator", simulator.process,
            log: folder.paymentLog, within: Self.readyLimit)
    }

    private func answers(
        _ url: String, of name: String, _ process: ProcessIdentity?, log: String, within limit: Duration
    ) async throws {
        let end = ContinuousClock.now + limit
        while await NodeProbe.get(url, within: Self.probeLimit)?.status != 200 {
            guard process?.state != .gone else {
                throw Failure(description: "\(name) has ended:\n\(ClusterFolder.tail(of: log))")
            }
            guard ContinuousClock.now < end else {
                throw Failure(
                    description: "\(name) is not ready after \(limit):\n\(ClusterFolder.tail(of: log))")
            }
            try await Task.sleep(for: Self.probePause)
        }
    }

    // MARK: - Stopping

    /// Asks a process to end, also one that is paused, and waits until it is gone.
    static func end(_ process: ProcessIdentity, named name: String) async throws {
        process.send(SIGTERM)
        process.send(SIGCONT)
        guard try await process.reaches(.gone, within: endLimit) else {
            throw Failure(description: "\(name) was asked to end, and has not after \(endLimit).")
        }
    }

    /// Ends all nodes together, then the payment simulator: a node may still have payments to ask for. What does not
    /// end in time is killed.
    func endAll() async throws {
        await withTaskGroup(of: Void.self) { group in
            for process in record.nodes.compactMap(\.process) { group.addTask { await Self.endOrKill(process) } }
        }
        if let process = record.simulator?.process { await Self.endOrKill(process) }
    }

    static func endOrKill(_ process: ProcessIdentity) async {
        process.send(SIGTERM)
        process.send(SIGCONT)
        guard (try? await process.reaches(.gone, within: endLimit)) != true else { return }
        process.send(SIGKILL)
        _ = try? await process.reaches(.gone, within: signalLimit)
    }
}
