import Cluster
import Consensus
import Synchronization

/// Connections between nodes in one process: frames are delivered at once, in order, unless the test holds them.
final class MemoryNetwork: Sendable {
    private struct Held {
        let from: NodeID
        let to: NodeID
        let stream: PeerStream
        let frame: [UInt8]
    }

    private struct State {
        var endpoints: [NodeID: MemoryLinks] = [:]
        /// Both ways: two nodes, ascending.
        var connections: Set<[NodeID]> = []
        var isHeld = false
        var held: [Held] = []
    }

    private let state = Mutex(State())

    func endpoint(_ node: NodeID) -> MemoryLinks {
        let links = MemoryLinks(node: node, network: self)
        state.withLock { $0.endpoints[node] = links }
        return links
    }

    func connect(_ one: NodeID, _ other: NodeID) { change(one, other, isConnected: true) }

    /// What is held between the two is gone.
    func disconnect(_ one: NodeID, _ other: NodeID) {
        state.withLock { $0.held.removeAll { [$0.from, $0.to].sorted() == [one, other].sorted() } }
        change(one, other, isConnected: false)
    }

    private func change(_ one: NodeID, _ other: NodeID, isConnected: Bool) {
        let ends = state.withLock { state in
            if isConnected {
                state.connections.insert([one, other].sorted())
            } else {
                state.connections.remove([one, other].sorted())
            }
            return (state.endpoints[one], state.endpoints[other])
        }
        ends.0?.connectionChanged(to: other, isConnected)
        ends.1?.connectionChanged(to: one, isConnected)
    }

    /// From now on frames are on their way until `release`.
    func hold() { state.withLock { $0.isHeld = true } }

    func release() {
        let held = state.withLock { state in
            state.isHeld = false
            defer { state.held = [] }
            return state.held
        }
        for item in held { carry(item.frame, on: item.stream, from: item.from, to: item.to) }
    }

    var heldCount: Int { state.withLock { $0.held.count } }

    /// Hands `node` a frame as if `peer` had sent it.
    func inject(_ frame: [UInt8], from peer: NodeID, to node: NodeID) {
        state.withLock { $0.endpoints[node] }?.take(frame, on: .calls, from: peer)
    }

    @discardableResult
    fileprivate func carry(_ frame: [UInt8], on stream: PeerStream, from: NodeID, to: NodeID) -> Bool {
        let (isCarried, target) = state.withLock { state -> (Bool, MemoryLinks?) in
            guard state.connections.contains([from, to].sorted()) else { return (false, nil) }
            guard state.isHeld else { return (true, state.endpoints[to]) }
            state.held.append(Held(from: from, to: to, stream: stream, frame: frame))
            return (true, nil)
        }
        target?.take(frame, on: stream, from: from)
        return isCarried
    }
}

/// One node's end.
final class MemoryLinks: PeerLinks {
    private struct State {
        var takers: [PeerStream: @Sendable (NodeID, [UInt8]) -> Void] = [:]
        var observers: [@Sendable (NodeID, PeerStream, Bool) -> Void] = []
    }

    private let node: NodeID
    private let network: MemoryNetwork
    private let state = Mutex(State())

    init(node: NodeID, network: MemoryNetwork) {
        self.node = node
        self.network = network
    }

    func send(_ frame: [UInt8], on stream: PeerStream, to peer: NodeID) -> Bool {
        network.carry(frame, on: stream, from: node, to: peer)
    }

    func sendWhenRoom(_ frame: [UInt8], on stream: PeerStream, to peer: NodeID) async throws(PeerUnreachable) {
        guard send(frame, on: stream, to: peer) else { throw PeerUnreachable(peer: peer) }
    }

    func receive(on stream: PeerStream, _ take: @escaping @Sendable (NodeID, [UInt8]) -> Void) {
        state.withLock { $0.takers[stream] = take }
    }

    func observe(_ change: @escaping @Sendable (NodeID, PeerStream, Bool) -> Void) {
        state.withLock { $0.observers.append(change) }
    }

    fileprivate func take(_ frame: [UInt8], on stream: PeerStream, from peer: NodeID) {
        state.withLock { $0.takers[stream] }?(peer, frame)
    }

    fileprivate func connectionChanged(to peer: NodeID, _ isConnected: Bool) {
        for observer in state.withLock({ $0.observers }) { observer(peer, .calls, isConnected) }
    }
}
