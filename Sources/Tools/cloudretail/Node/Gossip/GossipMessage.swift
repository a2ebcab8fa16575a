import Cluster
import Consensus
import EventSourcing
import Gateway
import Wire

/// What nodes tell each other several times a second. Every frame begins with its number, which is never reused.
enum GossipMessage: Equatable {
    case facts(NodeFacts)
    /// What requests to the node have used up of their callers' limits since it said so last.
    case uses([RateUse])
    /// Where nodes listen, and which have left.
    case members([MemberBook.Line])
    /// What every node is to pursue on the shards that it leads; told again until it is reached.
    case goal(MembershipGoal)
    /// What the node has done since it began.
    case load(NodeLoad)
    /// Whether the node's disk is full.
    case disk(isFull: Bool)

    /// Bytes of a frame: more are of no node of this program.
    static let bytesMax = 64 << 10
    private static let textBytesMax = 1_024
    private static let replicasMax = 64
    /// Uses of one message; a caller's takes up to 17 bytes.
    static let usesMax = 2_048

    func encoded() -> [UInt8] {
        var writer = RecordWriter()
        switch self {
        case .facts(let facts):
            writer.append(1)
            writer.writeVarint(facts.node)
            writer.write(facts.http)
            writer.write(facts.isReady)
            writer.write(facts.version)
            writer.writeArray(facts.replicas) { writer, replica in
                writer.write(replica.shard)
                writer.append(replica.role.rawValue)
                writer.writeVarint(replica.term)
                writer.writeVarint(replica.committed)
                writer.writeVarint(replica.applied)
            }
        case .uses(let uses):
            writer.append(2)
            writer.writeArray(uses) { writer, use in
                writer.write(use.key)
                writer.writeVarint(UInt64(clamping: use.nanoseconds))
            }
        case .members(let lines):
            writer.append(3)
            writer.writeArray(lines) { $0.write($1) }
        case .goal(let goal):
            writer.append(4)
            writer.writeOptional(goal.adding) { $0.writeVarint($1.rawValue) }
            writer.writeOptional(goal.removing) { $0.writeVarint($1.rawValue) }
        case .load(let load):
            writer.append(5)
            writer.writeVarint(load.uptimeMilliseconds)
            writer.writeVarint(load.requests)
            writer.writeVarint(load.commits)
            writer.writeVarint(load.commitMicroseconds)
        case .disk(let isFull):
            writer.append(6)
            writer.write(isFull)
        }
        return writer.bytes
    }

    /// Reads a frame; every length is checked before anything is allocated.
    init(decoding bytes: [UInt8]) throws(ReadFailure) {
        guard bytes.count <= Self.bytesMax else { throw ReadFailure(.outOfRange, at: 0) }
        var reader = RecordReader(bytes[...])
        switch try reader.readByte() {
        case 1: self = .facts(try Self.readFacts(&reader))
        case 2: self = .uses(try Self.readUses(&reader))
        case 3: self = .members(try Self.readMembers(&reader))
        case 4: self = .goal(try Self.readGoal(&reader))
        case 5: self = .load(try Self.readLoad(&reader))
        case 6: self = .disk(isFull: try reader.readBool())
        default: throw ReadFailure(.outOfRange, at: 0)
        }
        try reader.finish()
    }

    private static func readFacts(_ reader: inout RecordReader) throws(ReadFailure) -> NodeFacts {
        let node = try reader.readVarint()
        let http = try reader.readString(bytesMax: textBytesMax)
        let isReady = try reader.readBool()
        let version = try reader.readString(bytesMax: textBytesMax)
        let count = try reader.readCount(bytesMin: 6)
        guard count <= replicasMax else { throw ReadFailure(.outOfRange, at: reader.offset) }
        var replicas: [NodeFacts.Replica] = []
        for _ in 0..<count {
            let shard = try reader.readUInt16()
            guard let role = NodeFacts.Role(rawValue: try reader.readByte()) else {
                throw ReadFailure(.outOfRange, at: reader.offset)
            }
            replicas.append(
                NodeFacts.Replica(
                    shard: shard, role: role, term: try reader.readVarint(), committed: try reader.readVarint(),
                    applied: try reader.readVarint()))
        }
        return NodeFacts(node: node, http: http, isReady: isReady, version: version, replicas: replicas)
    }

    private static func readLoad(_ reader: inout RecordReader) throws(ReadFailure) -> NodeLoad {
        NodeLoad(
            uptimeMilliseconds: try reader.readVarint(), requests: try reader.readVarint(),
            commits: try reader.readVarint(), commitMicroseconds: try reader.readVarint())
    }

    private static func readUses(_ reader: inout RecordReader) throws(ReadFailure) -> [RateUse] {
        let count = try reader.readCount(bytesMin: 9)
        guard count <= usesMax else { throw ReadFailure(.outOfRange, at: reader.offset) }
        var uses: [RateUse] = []
        for _ in 0..<count {
            uses.append(RateUse(key: try reader.readUInt64(), nanoseconds: Int64(clamping: try reader.readVarint())))
        }
        return uses
    }
}
