import Cluster
import Consensus
import Wire

extension RecordWriter {
    /// A line of the book: number, whether the node has left, and else its host and port.
    mutating func write(_ line: MemberBook.Line) {
        writeVarint(line.node.rawValue)
        switch line.entry {
        case .removed: write(true)
        case .address(let address):
            write(false)
            write(address.host)
            write(UInt16(clamping: address.port))
        }
    }
}

extension GossipMessage {
    /// A name of the domain system.
    private static let hostBytesMax = 255

    static func readMembers(_ reader: inout RecordReader) throws(ReadFailure) -> [MemberBook.Line] {
        let count = try reader.readCount(bytesMin: 2)
        guard count <= MemberBook.linesMax else { throw ReadFailure(.outOfRange, at: reader.offset) }
        var lines: [MemberBook.Line] = []
        for _ in 0..<count {
            let node = try readNode(&reader)
            if try reader.readBool() {
                lines.append(MemberBook.Line(node: node, entry: .removed))
                continue
            }
            let host = try reader.readString(bytesMax: hostBytesMax)
            let port = try reader.readUInt16()
            guard let address = NodeConfiguration.SocketAddress(host: host, port: Int(port)) else {
                throw ReadFailure(.outOfRange, at: reader.offset)
            }
            lines.append(MemberBook.Line(node: node, entry: .address(address)))
        }
        return lines
    }

    static func readGoal(_ reader: inout RecordReader) throws(ReadFailure) -> MembershipGoal {
        let adding = try reader.readBool() ? try readNode(&reader) : nil
        let removing = try reader.readBool() ? try readNode(&reader) : nil
        return MembershipGoal(adding: adding, removing: removing)
    }

    private static func readNode(_ reader: inout RecordReader) throws(ReadFailure) -> NodeID {
        let number = try reader.readVarint()
        guard number > 0 else { throw ReadFailure(.outOfRange, at: reader.offset) }
        return NodeID(number)
    }
}
