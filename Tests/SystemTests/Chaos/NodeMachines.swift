import Foundation
import Testing

/// The machines that a cluster's nodes seem to run on: their wall clocks can be set, and their disks spoilt, while the
/// nodes run, by `MachineFaults`, which is loaded before the programs.
struct NodeMachines: Sendable {
    /// For a file of each machine.
    let folder: URL

    /// What the file holds, in its order: eight bytes each.
    enum Field: Int {
        /// Microseconds by which the wall clock is ahead.
        case clockShift
        /// The error that each flush ends with, and each write; 0 for none.
        case flushError, writeError
        /// Microseconds that each flush takes longer.
        case flushDelay
        /// Bytes that the disk says are free; 0 for as many as there are.
        case freeBytes
        /// How often the disk has failed, as the node met with it.
        case struck
    }

    private static let fields = 6

    /// What a node finds in its environment.
    func settings(of node: Int) throws -> [String: String] {
        let library = try ChildProcess.built("libMachineFaults.so")
        try #require(FileManager.default.fileExists(atPath: library.path), "\(library.path) is built with the tests")
        if !FileManager.default.fileExists(atPath: file(of: node).path) {
            try Data(count: Self.fields * MemoryLayout<Int64>.size).write(to: file(of: node))
        }
        return ["LD_PRELOAD": library.path, "MACHINE_FAULTS": file(of: node).path]
    }

    func set(_ field: Field, of node: Int, to value: Int64) throws {
        let handle = try FileHandle(forUpdating: file(of: node))
        defer { try? handle.close() }
        // In place: the nodes have the file in their memory.
        try handle.seek(toOffset: Self.offset(field))
        try handle.write(contentsOf: withUnsafeBytes(of: value) { Data($0) })
    }

    func value(_ field: Field, of node: Int) throws -> Int64 {
        let handle = try FileHandle(forReadingFrom: file(of: node))
        defer { try? handle.close() }
        try handle.seek(toOffset: Self.offset(field))
        let bytes = try #require(try handle.read(upToCount: MemoryLayout<Int64>.size))
        return bytes.withUnsafeBytes { $0.loadUnaligned(as: Int64.self) }
    }

    private static func offset(_ field: Field) -> UInt64 { UInt64(field.rawValue * MemoryLayout<Int64>.size) }

    private func file(of node: Int) -> URL { folder.appending(path: "machine-\(node)") }
}
