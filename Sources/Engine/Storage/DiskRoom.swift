import Cluster
import Foundation

/// How much of a node's volume is free, and whether that is enough to take on anything new.
public struct DiskRoom: Sendable, Equatable {
    /// Bytes that this user may fill.
    public let freeBytes: UInt64
    /// All bytes of the volume, those that are taken included.
    public let volumeBytes: UInt64
    /// Below it nothing new is taken on.
    public let freeBytesMin: UInt64

    /// Of a small volume an eighth is enough: such a node stores little.
    private static let volumeShare: UInt64 = 8
    /// What leaders send is still taken, down to this share of `freeBytesMin`: the rest is for elections.
    private static let replicatedShare: UInt64 = 2
    /// What was taken on before is still written, and votes are, down to this share of `freeBytesMin`: below it a write
    /// could find the disk full half-way, with which the node would end.
    private static let writableShare: UInt64 = 4

    /// Before the volume was looked at.
    static let unknown = DiskRoom(freeBytes: .max, volumeBytes: .max, freeBytesMin: 0)

    /// - Parameter freeBytesMin: as asked for; of a small volume it is less.
    init(freeBytes: UInt64, volumeBytes: UInt64, freeBytesMin: UInt64) {
        self.freeBytes = freeBytes
        self.volumeBytes = volumeBytes
        self.freeBytesMin = min(freeBytesMin, volumeBytes / Self.volumeShare)
    }

    /// Asks the system about the volume of `directory`.
    init(at directory: String, freeBytesMin: UInt64) throws(StorageError) {
        var facts = statvfs()
        guard statvfs(directory, &facts) == 0 else { throw .posix("asking for free disk at \(directory)") }
        let block = UInt64(facts.f_frsize)
        self.init(
            freeBytes: UInt64(facts.f_bavail) * block, volumeBytes: UInt64(facts.f_blocks) * block,
            freeBytesMin: freeBytesMin)
    }

    /// Whether nothing new is taken on.
    public var isFull: Bool { freeBytes < freeBytesMin }
    var storageRoom: StorageRoom {
        guard isFull else { return .everything }
        return freeBytes >= freeBytesMin / Self.replicatedShare ? .replication : .elections
    }
    /// Below it nothing is written.
    var writableBytesMin: UInt64 { freeBytesMin / Self.writableShare }
    var takesWrites: Bool { freeBytes >= writableBytesMin }
}
