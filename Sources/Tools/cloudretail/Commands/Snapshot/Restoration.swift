import Consensus
import Foundation
import Storage

/// Fills the folder of a new cluster from a snapshot.
///
/// It grows under another name beside its place and is renamed when all of it is on the disk: one that is interrupted
/// leaves nothing at its place, and the next begins anew.
struct Restoration {
    private let plan: RestorePlan
    private let record: ClusterRecord
    private let target: ClusterFolder
    private let workshop: ClusterFolder

    struct Refusal: Error, CustomStringConvertible {
        let description: String
    }

    init(of plan: RestorePlan, as record: ClusterRecord, at path: String) {
        self.plan = plan
        self.record = record
        target = ClusterFolder(path)
        workshop = ClusterFolder(target.path + ".restoring")
    }

    /// - Throws: unless there is nothing at `path`, or an empty directory.
    static func requireRoom(at path: String) throws {
        guard FileManager.default.fileExists(atPath: path) else { return }
        let there = try FileManager.default.contentsOfDirectory(atPath: path)
        guard there.isEmpty else { throw Refusal(description: "\(path) is not empty: \(there.sorted()[0]) is there.") }
    }

    func perform() throws {
        try? FileManager.default.removeItem(atPath: workshop.path)
        do {
            try workshop.create(workshop.path)
            for node in record.nodes { try fill(node.id) }
            try workshop.save(record)
            try syncFolders()
            guard rename(workshop.path, target.path) == 0 else {
                throw Refusal(description: "renaming \(workshop.path) failed: \(String(cString: strerror(errno)))")
            }
            try Self.sync(URL(fileURLWithPath: target.path).deletingLastPathComponent().path)
        } catch {
            try? FileManager.default.removeItem(atPath: workshop.path)
            throw error
        }
    }

    private func fill(_ node: UInt64) throws {
        guard let cluster = UInt64(record.cluster, radix: 16) else { return }
        try workshop.create(workshop.node(node))
        let founding = Founding.member(NodeID(node), cluster: cluster, of: record.nodes.map { NodeID($0.id) })
        do {
            let directory = try NewDirectory(path: workshop.data(node), founding: founding, bounds: plan.bounds)
            defer { directory.close() }
            try plan.fill(directory)
        } catch let failure as StorageError {
            // LMDB tells of a write that a full disk cut short as an input/output error.
            let volume = try FileManager.default.attributesOfFileSystem(forPath: workshop.path)
            let free = (volume[.systemFreeSize] as? Int).map { ", where \($0) bytes are free" } ?? ""
            throw Refusal(description: "filling \(workshop.data(node))\(free): \(failure)")
        }
    }

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
