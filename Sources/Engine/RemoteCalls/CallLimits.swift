import Consensus

/// What bounds the calls between two nodes.
public struct CallLimits: Sendable {
    /// Calls of one node that another has under way: some hundred milliseconds of a busy leader, and as many orders as
    /// wait for their payments meanwhile. Past it a call is refused as full.
    public var callsMax = 8_192
    /// Bytes of these calls, and one call of any size.
    public var bytesMax = 64 << 20
    /// A call without a reply is given up after so long: the longest that an order waits for its payment, and a margin.
    public var timeout = Duration.seconds(30)
    /// So long a call waits for the reply of a node that leads its shard no more. A leader that lives replies within
    /// milliseconds of the election; one that has been stopped, or cut off, keeps its connection and says nothing.
    public var strandedMax = Duration.milliseconds(700)
    /// So long a call waits for a node that leads. Elections take less, so that a fail-over is a pause.
    public var leaderWait = Duration.seconds(3)
    /// How often calls that wait for a leader look again, and deadlines are looked at.
    public var lookInterval = Duration.milliseconds(20)
    /// How long a call has known no leader before it asks other nodes: a node that is no member any more hears of none.
    public var askOthersAfter = Duration.milliseconds(500)

    public init() {}
}

/// What every node has under way for each of the others.
struct CallBudget {
    private let limits: CallLimits
    private var spent: [NodeID: (calls: Int, bytes: Int)] = [:]

    init(_ limits: CallLimits) { self.limits = limits }

    /// The number of all calls under way.
    var calls: Int { spent.values.reduce(0) { $0 + $1.calls } }

    /// - Returns: false when there is no room for the call.
    mutating func take(_ bytes: Int, for peer: NodeID) -> Bool {
        let before = spent[peer] ?? (0, 0)
        guard before.calls == 0 || before.calls < limits.callsMax && before.bytes + bytes <= limits.bytesMax else {
            return false
        }
        spent[peer] = (before.calls + 1, before.bytes + bytes)
        return true
    }

    mutating func giveBack(_ bytes: Int, of peer: NodeID) {
        guard let before = spent[peer] else { preconditionFailure("no call of this node is under way") }
        spent[peer] = (before.calls - 1, before.bytes - bytes)
    }
}
