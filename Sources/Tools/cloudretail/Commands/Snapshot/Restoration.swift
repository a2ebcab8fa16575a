import Consensus
import Foundation
import Snapshots
import Storage

/// Fills the folder of a new cluster from a snapshot, while that is proved.
///
/// It grows in a workshop beside its place, and is renamed when the snapshot has been proved and all of it is on the
/// disk: one that is interrupted leaves nothing at its place, and the next begins anew.
struct Restoration {
    private let snapshot: SnapshotFile
    private let record: ClusterRecord
    private let held: RestoreWorkshop
    private var workshop: ClusterFolder { held.folder }

    struct Refusal: Error, CustomStringConvertible {
        let description: String
    }

    init(of snapshot: SnapshotFile, as record: ClusterRecord, in workshop: RestoreWorkshop) {
        self.snapshot = snapshot
        self.record = record
        held = workshop
    }

    /// - Throws: unless there is nothing at `path`, or an empty directory.
    static func requireRoom(at path: String) throws {
        guard FileManager.default.fileExists(atPath: path) else { return }
        let there = try FileManager.default.contentsOfDirectory(atPath: path)
        guard there.isEmpty else { throw Refusal(description: "\(path) is not empty: \(there.sorted()[0]) is there.") }
    }

    /// - Parameter prove: proves the snapshot, and says what becomes of it; it throws when nothing does.
    /// - Returns: what it said.
    func perform(_ prove: () throws -> RestorePlan) async throws -> RestorePlan {
        let plan = try await fill(prove)
        try workshop.save(record)
        try syncFolders()
        try held.place()
        try Self.sync(URL(fileURLWithPath: workshop.path).deletingLastPathComponent().path)
        return plan
    }

    // MARK: - The data directories

    private func fill(_ prove: () throws -> RestorePlan) async throws -> RestorePlan {
        // With another number of shards nothing lies as it does in the snapshot.
        let plan = record.shards == snapshot.header.shards.count ? try await copy(meanwhile: prove) : try prove()
        if !plan.isFilledFromSnapshot {
            try held.empty()
            try complete(makeDirectories(plan.bounds), plan)
        }
        return plan
    }

    /// Puts all of the snapshot into the directory of each node.
    private func copy(meanwhile prove: () throws -> RestorePlan) async throws -> RestorePlan {
        let directories = try makeDirectories(snapshot.header.shards)
        defer { for directory in directories.values { directory.close() } }
        async let filled: Void = snapshot.fill { pieces in
            try Task.checkCancellation()
            for (node, directory) in directories { try telling(of: node) { try directory.put(pieces) } }
        }
        let plan = try prove()
        try await filled
        if plan.isFilledFromSnapshot { try complete(directories, plan) }
        return plan
    }

    /// Makes the data directory of each node, by its number.
    private func makeDirectories(_ bounds: [LogBounds]) throws -> [UInt64: NewDirectory] {
        guard let cluster = UInt64(record.cluster, radix: 16) else { return [:] }
        var directories: [UInt64: NewDirectory] = [:]
        do {
            for node in record.nodes {
                try workshop.create(workshop.node(node.id))
                let founders = record.nodes.map { NodeID($0.id) }
                let founding = Founding.member(NodeID(node.id), cluster: cluster, of: founders)
                directories[node.id] = try telling(of: node.id) {
                    try NewDirectory(path: workshop.data(node.id), founding: founding, bases: bounds.map(\.base))
                }
            }
        } catch {
            for directory in directories.values { directory.close() }
            throw error
        }
        return directories
    }

    private func complete(_ directories: [UInt64: NewDirectory], _ plan: RestorePlan) throws {
        defer { for directory in directories.values { directory.close() } }
        for (node, directory) in directories { try telling(of: node) { try plan.complete(directory) } }
    }

    /// Tells of a failure of storage at which node it was, and what room is left.
    private func telling<Result>(of node: UInt64, _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let failure as StorageError {
            // LMDB tells of a write that a full disk cut short as an input/output error.
            let volume = try FileManager.default.attributesOfFileSystem(forPath: workshop.path)
            let free = (volume[.systemFreeSize] as? Int).map { ", where \($0) bytes are free" } ?? ""
            throw Refusal(description: "filling \(workshop.data(node))\(free): \(failure)")
        }
    }

    // MARK: - The disk

    private func syncFolders() throws {
        try Self.sync(workshop.record)
        for node in record.nodes {
            try Self.sync(workshop.data(node.id))
            try Self.sync(workshop.node(node.id))
        }
        try Self.sync(workshop.path)
    }

    private static func sync(_ path: String) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        defer { close(descriptor) }
        guard descriptor >= 0, fsync(descriptor) == 0 else {
            throw Refusal(description: "flushing \(path) failed: \(String(cString: strerror(errno)))")
        }
    }
}
