import Cluster
import Consensus
import Wire

/// The first frame on a connection, each way: who speaks, to whom, and of what.
///
///     magic (4), version (2), oldest version (2), cluster (8), sender (8), receiver (8), stream (1), step table (8),
///     disk (8), newest version of a cluster (2)
///
/// Later versions may say more behind it; the first ones ended before the disk, or behind it.
struct Greeting: Hashable {
    /// What this program speaks. A frame of another form has another number.
    static let version: UInt16 = 1
    /// The oldest version that this program understands.
    static let oldestVersion: UInt16 = 1
    private static let magic: UInt32 = 0x4352_544e

    var version = Greeting.version
    var oldestVersion = Greeting.oldestVersion
    let cluster: UInt64
    let sender: NodeID
    let receiver: NodeID
    /// A number of `PeerStream`.
    let stream: UInt8
    let stepTable: UInt64
    /// What the sender's disk is known by; 0 for one that has nothing to be known by.
    let disk: UInt64
    /// The newest version of a cluster of which the sender reads everything: 1 from one that does not say.
    let newest: UInt16

    init(
        cluster: UInt64, sender: NodeID, receiver: NodeID, stream: PeerStream, stepTable: UInt64, disk: UInt64 = 0,
        newest: UInt16 = 1
    ) {
        self.cluster = cluster
        self.sender = sender
        self.receiver = receiver
        self.stream = stream.rawValue
        self.stepTable = stepTable
        self.disk = disk
        self.newest = newest
    }

    func encoded() -> [UInt8] {
        var writer = RecordWriter()
        writer.write(Self.magic)
        writer.write(version)
        writer.write(oldestVersion)
        writer.write(cluster)
        writer.write(sender.rawValue)
        writer.write(receiver.rawValue)
        writer.write(stream)
        writer.write(stepTable)
        writer.write(disk)
        writer.write(newest)
        return writer.bytes
    }

    init(_ bytes: [UInt8]) throws(LinkRefusal) {
        var reader = RecordReader(bytes[...])
        do {
            guard try reader.readUInt32() == Self.magic else { throw LinkRefusal.malformed }
            version = try reader.readUInt16()
            oldestVersion = try reader.readUInt16()
            cluster = try reader.readUInt64()
            sender = NodeID(try reader.readUInt64())
            receiver = NodeID(try reader.readUInt64())
            stream = try reader.readByte()
            stepTable = try reader.readUInt64()
            disk = reader.remaining == 0 ? 0 : try reader.readUInt64()
            newest = reader.remaining == 0 ? 1 : try reader.readUInt16()
        } catch {
            throw .malformed
        }
    }

    /// Checks what the other end says against what this end says, or would say.
    ///
    /// - Parameter named: whether `name` is among the names of the certificate that the other end has shown.
    func accept(
        _ other: Greeting, nameOfNode: (NodeID) -> String, isNamed: (String) -> Bool
    ) throws(LinkRefusal) {
        guard other.oldestVersion <= version, oldestVersion <= other.version else { throw .version }
        guard other.cluster == cluster else { throw .cluster }
        guard other.receiver == sender else { throw .receiver }
        guard other.sender == receiver else { throw .sender }
        guard isNamed(nameOfNode(other.sender)) else { throw .name }
        guard other.stream == stream else { throw .stream }
    }
}

/// Why one end turns the other away. Both log it: it travels as its number.
public enum LinkRefusal: UInt8, Error, Hashable, Sendable, CaseIterable, CustomStringConvertible {
    case malformed = 1
    case version = 2
    case cluster = 3
    case receiver = 4
    case sender = 5
    case name = 6
    case stream = 7
    case stranger = 8
    case direction = 9
    case damagedFrame = 10
    case removed = 11
    case disk = 12
    case outdated = 13

    public var description: String {
        switch self {
        case .malformed: "it does not speak as a node does"
        case .version: "it speaks another version of the protocol"
        case .cluster: "it belongs to another cluster"
        case .receiver: "it looks for another node than this one"
        case .sender: "it is another node than the one that was looked for"
        case .name: "its certificate names another node"
        case .stream: "it speaks of another stream, or of one that is not known"
        case .stranger: "it is no member of the cluster"
        case .direction: "it connects where it should be connected to"
        case .removed: "it has been removed from the cluster"
        case .disk: "it has another disk than the node of this number had, which has lost what that one promised"
        case .outdated: "its program is older than what the cluster has been upgraded to"
        case .damagedFrame: "a frame was damaged, too long, or of no known kind"
        }
    }
}
