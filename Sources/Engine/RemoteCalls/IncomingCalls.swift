import Consensus
import EventSourcing
import Synchronization

/// A call that a peer asks this node to perform.
struct IncomingCall: Sendable {
    let peer: NodeID
    let number: CallNumber
    let target: TargetNumber
    let shard: ShardID
    let argument: ArraySlice<UInt8>
}

/// The calls of other nodes, in the order in which they arrive.
final class IncomingCalls: Sendable {
    let calls: AsyncStream<IncomingCall>
    private let arrivals: AsyncStream<IncomingCall>.Continuation
    private let budget: Mutex<CallBudget>

    init(_ limits: CallLimits) {
        (calls, arrivals) = AsyncStream<IncomingCall>.makeStream()
        budget = Mutex(CallBudget(limits))
    }

    var count: Int { budget.withLock { $0.calls } }

    /// - Returns: false when the peer has as many calls under way as it may.
    func put(_ call: IncomingCall) -> Bool {
        guard budget.withLock({ $0.take(call.argument.count, for: call.peer) }) else { return false }
        arrivals.yield(call)
        return true
    }

    func end(_ call: IncomingCall) { budget.withLock { $0.giveBack(call.argument.count, of: call.peer) } }
}
