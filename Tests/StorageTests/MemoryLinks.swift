import Cluster
import Consensus
import Dispatch
import Synchronization

/// Links between the nodes of one process.
final class MemoryNetwork: Sendable {
    private let ends = Mutex<[NodeID: MemoryLinks]>([:])

    /// The links of one life of `node`, which reach no peer until `connect`.
    func links(of node: NodeID) -> MemoryLinks { MemoryLinks(node, of: self) }

    fileprivate func end(of node: NodeID) -> MemoryLinks? { ends.withLock { $0[node] } }

    func connect(_ links: MemoryLinks) {
        let others = ends.withLock { ends in
            defer { ends[links.node] = links }
            return Array(ends.values)
        }
        for other in others { tell(links, other, isConnected: true) }
    }

    /// The process of `node` has died, as far as its peers can tell.
    func disconnect(_ node: NodeID) {
        let (links, others) = ends.withLock { ends in
            let links = ends.removeValue(forKey: node)
            return (links, Array(ends.values))
        }
        guard let links else { return }
        for other in others { tell(links, other, isConnected: false) }
    }

    private func tell(_ links: MemoryLinks, _ other: MemoryLinks, isConnected: Bool) {
        for stream in PeerStream.allCases {
            links.tell(other.node, stream, isConnected)
            other.tell(links.node, stream, isConnected)
        }
    }
}

/// One node's end of a `MemoryNetwork`.
final class MemoryLinks: PeerLinks {
    typealias Take = @Sendable (_ from: NodeID, _ frame: [UInt8]) -> Void
    typealias Observe = @Sendable (_ peer: NodeID, _ stream: PeerStream, _ isConnected: Bool) -> Void

    let node: NodeID
    private let network: MemoryNetwork
    /// What arrives, in its order.
    private let queue = DispatchQueue(label: "links")
    private let handlers = Mutex<(take: [PeerStream: Take], observe: [Observe])>(([:], []))
    /// Asked for every frame that this node sends: false loses it.
    let passes = Mutex<@Sendable (PeerStream, NodeID, [UInt8]) -> Bool>({ _, _, _ in true })

    init(_ node: NodeID, of network: MemoryNetwork) {
        self.node = node
        self.network = network
    }

    @discardableResult
    func send(_ frame: [UInt8], on stream: PeerStream, to peer: NodeID) -> Bool {
        guard network.end(of: node) === self, let end = network.end(of: peer) else { return false }
        guard passes.withLock({ $0 })(stream, peer, frame) else { return false }
        end.queue.async { [node] in
            guard end.isConnected else { return }
            end.handlers.withLock { $0.take[stream] }?(node, frame)
        }
        return true
    }

    private var isConnected: Bool { network.end(of: node) === self }

    func sendWhenRoom(
        _ frame: [UInt8], on stream: PeerStream, to peer: NodeID
    ) async throws(PeerUnreachable) {
        guard send(frame, on: stream, to: peer) else { throw PeerUnreachable(peer: peer) }
    }

    func receive(on stream: PeerStream, _ take: @escaping Take) {
        handlers.withLock { $0.take[stream] = take }
    }

    func observe(_ change: @escaping Observe) { handlers.withLock { $0.observe.append(change) } }

    fileprivate func tell(_ peer: NodeID, _ stream: PeerStream, _ isConnected: Bool) {
        queue.async { [self] in
            for observe in handlers.withLock({ $0.observe }) { observe(peer, stream, isConnected) }
        }
    }
}
