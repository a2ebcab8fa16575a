import Foundation

/// Brings a new node into a cluster on this machine.
struct MemberArrival {
    let folder: ClusterFolder

    /// What a node is asked for.
    private struct Form: Encodable {
        let id: UInt64
        let address: String
        let replaces: UInt64?
    }

    /// A member by then, it reads all that the shop has ever done: a gigabyte takes some minutes.
    private static let readyLimit = Duration.seconds(3_600)

    /// Starts the node, has it taken in, and waits until it serves. One that is refused leaves nothing behind.
    func perform(replacing old: UInt64?) async throws -> ClusterRecord.Node {
        var processes = try ClusterProcesses(folder)
        try processes.requireCluster()
        if let old { _ = try processes.node(old) }
        let new = try processes.enlist()
        do {
            try ClusterFiles(folder: folder).prepare(processes.record, password: nil)
            try processes.start(new.id)
            let form = Form(id: new.id, address: "127.0.0.1:\(new.peers)", replaces: old)
            let besides = Set([new.id] + (old.map { [$0] } ?? []))
            try await take(in: new.id, by: ClusterOperator(processes, besides: besides), form, processes)
        } catch let failure as ClusterOperator.Failure where failure.mayHaveBegun {
            throw ClusterProcesses.Failure(
                description: "\(failure) Node \(new.id) may be a member by now: \"cluster status\" shows it, and "
                    + "\"cluster remove-node \(new.id)\" takes it back.")
        } catch {
            try await processes.withdraw(new.id)
            throw error
        }
        try await processes.ready(new.id, within: Self.readyLimit)
        if let old { try await processes.dismiss(old) }
        return try processes.node(new.id)
    }

    /// Asks for the node until it votes, or has ended.
    private func take(
        in new: UInt64, by others: ClusterOperator, _ form: Form, _ processes: ClusterProcesses
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await others.ask(.post("/nodes", form)) }
            group.addTask {
                do { try await processes.watch(new) } catch let failure as ClusterProcesses.Failure {
                    throw ClusterOperator.Failure(description: failure.description, mayHaveBegun: true)
                }
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }
}
