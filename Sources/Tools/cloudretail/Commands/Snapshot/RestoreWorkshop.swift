import Foundation
import Synchronization

/// The folder in which a restore makes a cluster, beside the cluster's place.
///
/// The process that works in it has it locked. What a restore has left there that was killed is gone when the next one
/// begins; that of one which is at work is never touched.
final class RestoreWorkshop: Sendable {
    let folder: ClusterFolder
    private let target: ClusterFolder
    private let descriptor: Int32
    private let isPlaced = Atomic(false)

    /// Where a moment of an archive is put together.
    var moment: String { folder.path + "/moment" }

    /// The caller that opens it closes it.
    ///
    /// - Parameter base: the cluster's place.
    /// - Throws: `Restoration.Refusal` while another restore makes a cluster for the same place.
    init(beside base: String) throws {
        target = ClusterFolder(base)
        folder = target.restoring
        descriptor = try Self.lock(folder)
        do { try empty() } catch {
            Foundation.close(descriptor)
            throw error
        }
    }

    private static func lock(_ folder: ClusterFolder) throws -> Int32 {
        func failure(_ operation: String) -> Restoration.Refusal {
            .init(description: "\(operation) \(folder.path) failed: \(String(cString: strerror(errno)))")
        }
        while true {
            try folder.create(folder.path)
            let descriptor = open(folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            guard descriptor >= 0 else { throw failure("opening") }
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
                defer { Foundation.close(descriptor) }
                guard errno == EWOULDBLOCK else { throw failure("locking") }
                throw Restoration.Refusal(description: "another restore is at work in \(folder.path)")
            }
            var (locked, named) = (stat(), stat())
            // The restore that had it before may have given it its place, or taken it away.
            if fstat(descriptor, &locked) == 0, lstat(folder.path, &named) == 0, named.st_dev == locked.st_dev,
                named.st_ino == locked.st_ino
            {
                return descriptor
            }
            Foundation.close(descriptor)
        }
    }

    /// Takes away what is in it.
    func empty() throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
            try FileManager.default.removeItem(atPath: "\(folder.path)/\(name)")
        }
    }

    /// Gives the cluster its place, where there is nothing or an empty folder.
    func place() throws {
        guard rename(folder.path, target.path) == 0 else {
            throw Restoration.Refusal(
                description: "renaming \(folder.path) failed: \(String(cString: strerror(errno)))")
        }
        isPlaced.store(true, ordering: .relaxed)
    }

    /// Takes away a cluster that has not got its place, and lets others work.
    func close() {
        if !isPlaced.load(ordering: .relaxed) { try? FileManager.default.removeItem(atPath: folder.path) }
        Foundation.close(descriptor)
    }
}
