import Cluster
import Consensus
import EventSourcing
import Synchronization

/// Why a call on another node has no reply.
enum CallFailure: Error, Equatable, Sendable {
    /// Nothing was sent: there is no connection to the node.
    case notConnected
    /// Nothing was sent: as many calls wait for the node as may, or its queue is full.
    case full
    /// The node has not performed it.
    case refused(CallRefusal)
    /// It was sent, and the connection ended, or the deadline passed, or another node has led the shard for a while: it
    /// may have been performed.
    case lost
}

/// Calls on other nodes that wait for their replies.
final class OutgoingCalls: Sendable {
    private typealias Waiter = CheckedContinuation<Result<ArraySlice<UInt8>, CallFailure>, Never>

    private struct Call {
        let peer: NodeID
        let shard: ShardID
        let bytes: Int
        let deadline: ContinuousClock.Instant
        let waiter: Waiter
        /// Since when this node has known that another one leads the shard.
        var strandedSince: ContinuousClock.Instant?
    }

    private struct State {
        /// The number of the last call. It begins anywhere.
        var last = UInt64.random(in: 0...(.max))
        var calls: [CallNumber: Call] = [:]
        var budget: CallBudget
        /// Ascending.
        var connected: [NodeID] = []
        var isEnded = false

        mutating func remove(_ number: CallNumber) {
            guard let call = calls.removeValue(forKey: number) else { return }
            budget.giveBack(call.bytes, of: call.peer)
        }
    }

    private let links: any PeerLinks
    private let strandedMax: Duration
    private let state: Mutex<State>

    init(links: any PeerLinks, limits: CallLimits) {
        self.links = links
        strandedMax = limits.strandedMax
        state = Mutex(State(budget: CallBudget(limits)))
    }

    var count: Int { state.withLock { $0.calls.count } }

    /// Nodes that can be called at present, ascending.
    var connected: [NodeID] { state.withLock { $0.connected } }

    /// Sends a call and waits for its reply.
    ///
    /// - Parameters:
    ///   - bytes: of its argument.
    ///   - frame: makes the frame of the number.
    func call(
        _ peer: NodeID, on shard: ShardID, bytes: Int, by deadline: ContinuousClock.Instant,
        _ frame: (CallNumber) -> [UInt8]
    ) async throws(CallFailure) -> ArraySlice<UInt8> {
        try await withCheckedContinuation { (waiter: Waiter) in
            let begun = state.withLock { state -> Result<CallNumber, CallFailure> in
                guard state.connected.contains(peer), !state.isEnded else { return .failure(.notConnected) }
                guard state.budget.take(bytes, for: peer) else { return .failure(.full) }
                state.last &+= 1
                let number = CallNumber(rawValue: state.last)
                // Before it is sent, so that its reply finds it.
                state.calls[number] = Call(
                    peer: peer, shard: shard, bytes: bytes, deadline: deadline, waiter: waiter)
                return .success(number)
            }
            switch begun {
            case .failure(let failure): waiter.resume(returning: .failure(failure))
            case .success(let number):
                if !links.send(frame(number), on: .calls, to: peer) { end(number, of: peer, with: .failure(.full)) }
            }
        }.get()
    }

    /// Ends a call of `peer`. One that has ended already stays as it is.
    func end(_ number: CallNumber, of peer: NodeID, with result: Result<ArraySlice<UInt8>, CallFailure>) {
        let call = state.withLock { state -> Call? in
            guard let call = state.calls[number], call.peer == peer else { return nil }
            state.remove(number)
            return call
        }
        call?.waiter.resume(returning: result)
    }

    /// A peer can be called from now on, or no longer. What waits for it then is lost at once.
    func connectionChanged(to peer: NodeID, isConnected: Bool) {
        if isConnected {
            return state.withLock { state in
                guard !state.connected.contains(peer) else { return }
                state.connected = (state.connected + [peer]).sorted()
            }
        }
        state.withLock { state in state.connected.removeAll { $0 == peer } }
        lose { $0.peer == peer }
    }

    /// Gives up the calls whose deadline has passed, and those whose node has been followed by another leader of their
    /// shard for `strandedMax`: it may stand still, and its connection with it.
    ///
    /// - Parameter leader: the node that leads a shard, as far as this one knows.
    func giveUp(_ now: ContinuousClock.Instant, leader: (ShardID) -> NodeID?) {
        var leaders: [ShardID: NodeID] = [:]
        // Asked outside the lock, once for each shard.
        for shard in state.withLock({ Set($0.calls.values.map(\.shard)) }) { leaders[shard] = leader(shard) }
        state.withLock { state in
            for (number, call) in state.calls {
                // Between two leaders nothing new is known.
                guard let leader = leaders[call.shard] else { continue }
                let since = leader == call.peer ? nil : call.strandedSince ?? now
                if since != call.strandedSince { state.calls[number]?.strandedSince = since }
            }
        }
        lose { call in call.deadline <= now || call.strandedSince.map { now - $0 >= strandedMax } ?? false }
    }

    /// The node stops: no call waits any more, and none begins.
    func end() {
        state.withLock { $0.isEnded = true }
        lose { _ in true }
    }

    private func lose(_ isLost: (Call) -> Bool) {
        let lost = state.withLock { state in
            let lost = state.calls.filter { isLost($0.value) }
            for number in lost.keys { state.remove(number) }
            return lost
        }
        for (_, call) in lost.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            call.waiter.resume(returning: .failure(.lost))
        }
    }
}
