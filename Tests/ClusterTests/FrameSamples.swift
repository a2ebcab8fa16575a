import Cluster
import Consensus
import EventSourcing

/// A message of each kind, and the bytes of a frame with it alone: from node 1 to node 2, of shard 3, in term 5. A line
/// is never changed or removed: nodes of two versions talk to each other while one replaces the other.
struct FrameSample {
    let body: Message.Body
    /// Hexadecimal.
    let golden: String

    private init(_ body: Message.Body, _ golden: String) {
        self.body = body
        self.golden = golden
    }

    var message: Message {
        let isPassedOn =
            switch body {
            case .propose, .readIndex: true
            default: false
            }
        return Message(from: NodeID(1), to: NodeID(2), term: isPassedOn ? .zero : Term(5), body: body)
    }

    var frame: Frame { Frame(peer: NodeID(2), messages: [ShardMessage(shard: ShardID(3), message: message)]) }

    private static func id(_ term: UInt64, _ index: UInt64) -> EntryID {
        EntryID(term: Term(term), index: EntryIndex(index))
    }

    private static let change = MembershipChange(
        [.init(.addVoter, NodeID(4)), .init(.remove, NodeID(1))], transition: .joint, context: [0x61, 0x62])
    private static let append = Message.Body.append(
        previous: id(4, 127),
        entries: [
            Entry(id: id(4, 128), payload: .record([0xaa, 0xbb])), Entry(id: id(5, 129), payload: .empty),
            Entry(id: id(5, 130), payload: .membershipChange(change)),
        ], commit: EntryIndex(126))
    private static let membership = Membership(voters: [NodeID(1), NodeID(2)], learners: [NodeID(9)])!

    private static let header = "0100000000000000020100"

    static let all = [
        FrameSample(.requestPreVote(last: id(4, 300)), header + "03010504ac02"),
        FrameSample(.requestVote(last: id(4, 300), forTransfer: true), header + "03020504ac0201"),
        FrameSample(.preVote(isGranted: false), header + "03030500"),
        FrameSample(.vote(isGranted: true), header + "03040501"),
        FrameSample(
            append, header + "030505047f7e03040102aabb05020503170102000000000000000004020000000000000001026162"),
        FrameSample(.appendAccepted(matched: EntryIndex(1 << 40)), header + "030605808080808020"),
        FrameSample(.appendRejected(at: EntryIndex(9), hint: id(2, 8)), header + "030705090208"),
        FrameSample(.heartbeat(commit: EntryIndex(128), readMark: 7), header + "030805800107"),
        FrameSample(.heartbeatAnswer(readMark: .max), header + "030905ffffffffffffffffff01"),
        FrameSample(
            .installSnapshot(Snapshot(last: id(4, 1_000), membership: membership)),
            header + "030a0504e8070200000000000000010000000000000002000100000000000000090000"),
        FrameSample(.timeoutNow, header + "030b05"),
        FrameSample(
            .propose([.record([1, 2, 3]), .membershipChange(.leaveJoint)]),
            header + "030c000201030102030303000000"),
        FrameSample(.readIndex(ReadRequest(node: NodeID(3), id: 77)), header + "030d00034d"),
        FrameSample(.readIndexAnswer(ReadState(index: EntryIndex(12), id: 77)), header + "030e050c4d"),
        FrameSample(.transferLeadership(to: NodeID(3)), header + "030f0503"),
    ]
}
