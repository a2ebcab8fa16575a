import Consensus
import LogFormat
import Synchronization
import Wire

/// Tells a node that has kept its disk from one that has lost it and was started on an empty one. Such a node has
/// forgotten what it voted for and acknowledged: it would help to elect a leader that has none of it.
///
/// Each directory has a random number from its creation on; a node remembers the number of each peer that it has ever
/// met, and never takes another one for that peer. In the `hard` database, beside the identity:
///
///     "disk"            checksum (4), the number of this directory (8)
///     "disk" node (8)   checksum (4), the number of that node's directory (8)
final class DiskNumbers: Sendable {
    let own: UInt64
    private let environment: LMDBEnvironment
    private let seed: UInt32
    private let known: Mutex<[NodeID: UInt64]>

    private static let key = [UInt8]("disk".utf8)

    /// What a new directory gets.
    static func draw(in transaction: WriteTransaction, seed: UInt32) throws(StorageError) {
        // Zero is what a program says that knows of no such numbers.
        try transaction.put(encoded(.random(in: 1 ... .max), seed: seed), in: .hard, forKey: key)
    }

    /// Reads what is there; a directory from before there were such numbers gets one.
    init(_ environment: LMDBEnvironment, seed: UInt32) throws(StorageError) {
        self.environment = environment
        self.seed = seed
        if try Self.own(in: environment, seed: seed) == nil {
            try environment.write { transaction throws(StorageError) in try Self.draw(in: transaction, seed: seed) }
        }
        guard let own = try Self.own(in: environment, seed: seed) else { throw .corruptHeader(name: "disk") }
        self.own = own
        var known: [NodeID: UInt64] = [:]
        try environment.read { transaction throws(StorageError) in
            try transaction.ascend(.hard, from: Self.key) { row throws(StorageError) in
                guard row.key.starts(with: Self.key) else { return false }
                var reader = RecordReader(Array(row.key)[Self.key.count...])
                if let node = try? reader.readUInt64() {
                    known[NodeID(node)] = try Self.decoded(Array(row.value), seed: seed)
                }
                return true
            }
        }
        self.known = Mutex(known)
    }

    /// Whether `peer` has the disk that it had when this node first met it. It is written down before the first answer.
    /// Where it cannot be, on a full disk say, it is known until this node stops: a peer that is turned away ends, and
    /// it is not its disk that failed.
    func recognises(_ number: UInt64, of peer: NodeID) -> Bool {
        known.withLock { known in
            if let before = known[peer] { return before == number }
            // A program of before: there is nothing to tell its disks apart by.
            guard number != 0 else { return true }
            known[peer] = number
            try? environment.write { transaction throws(StorageError) in
                try transaction.put(
                    Self.encoded(number, seed: seed), in: .hard, forKey: Self.key + Self.bytes(of: peer))
            }
            return true
        }
    }

    // MARK: - Bytes

    private static func bytes(of node: NodeID) -> [UInt8] {
        var writer = RecordWriter()
        writer.write(node.rawValue)
        return writer.bytes
    }

    private static func encoded(_ number: UInt64, seed: UInt32) -> [UInt8] {
        var writer = RecordWriter()
        writer.write(UInt32(0))
        writer.write(number)
        return Sealed.sealing(writer.bytes, seed: seed)
    }

    private static func decoded(_ bytes: [UInt8], seed: UInt32) throws(StorageError) -> UInt64 {
        guard bytes.withUnsafeBytes({ Sealed.isIntact($0, seed: seed) }) else { throw .corruptHeader(name: "disk") }
        var reader = RecordReader(bytes[Sealed.checksumBytes...])
        guard let number = try? reader.readUInt64() else { throw .corruptHeader(name: "disk") }
        return number
    }

    private static func own(in environment: LMDBEnvironment, seed: UInt32) throws(StorageError) -> UInt64? {
        let stored = try environment.read { transaction throws(StorageError) in
            try transaction.value(in: .hard, forKey: key)
        }
        return try stored.map { bytes throws(StorageError) in try decoded(bytes, seed: seed) }
    }
}

extension DataDirectory {
    /// The random number of this directory: peers know the node's disk by it.
    public var diskNumber: UInt64 { disks.own }

    /// Whether `peer` still has the disk that it had when this node first met it. The first number is written down
    /// before it is taken, which waits for the disk.
    public func recognises(disk number: UInt64, of peer: NodeID) -> Bool { disks.recognises(number, of: peer) }
}
