/// Links between the nodes of one process, driven by hand. For one thread.
public final class MemoryLinks {
    private struct Parcel {
        let to: NodeID
        let event: PeerEvent
    }

    private struct Link: Hashable {
        let from: NodeID
        let to: NodeID
    }

    private var endpoints: [NodeID: MemoryPeerNetwork] = [:]
    private var parcels: [Parcel] = []
    private var cut: Set<Link> = []
    /// Messages under way in all; what comes on top is dropped.
    private let queueMax: Int

    public init(queueMax: Int = 10_000) { self.queueMax = queueMax }

    /// The end of `node`; a second call replaces the first, as a restart does.
    public func endpoint(_ node: NodeID) -> MemoryPeerNetwork {
        let endpoint = MemoryPeerNetwork(node: node, links: self)
        endpoints[node] = endpoint
        return endpoint
    }

    /// Cuts one direction, or mends it.
    public func setCut(_ isCut: Bool, from: NodeID, to: NodeID) {
        if isCut { cut.insert(Link(from: from, to: to)) } else { cut.remove(Link(from: from, to: to)) }
    }

    fileprivate func send(_ message: Message, of group: GroupID, from node: NodeID) {
        let isCut = cut.contains(Link(from: node, to: message.to))
        if isCut || endpoints[message.to] == nil || parcels.count >= queueMax {
            parcels.append(Parcel(to: node, event: .unreachable(message.to, group: group)))
        } else {
            parcels.append(Parcel(to: message.to, event: .message(message, group: group)))
        }
    }

    /// Delivers what is under way, and what that gives rise to, until nothing is.
    public func deliver() {
        while !parcels.isEmpty {
            let batch = parcels
            parcels = []
            for parcel in batch { endpoints[parcel.to]?.handler?(parcel.event) }
        }
    }
}

/// One node's end of `MemoryLinks`.
public final class MemoryPeerNetwork: PeerNetwork {
    public let node: NodeID
    private let links: MemoryLinks
    fileprivate private(set) var handler: ((PeerEvent) -> Void)?

    fileprivate init(node: NodeID, links: MemoryLinks) {
        self.node = node
        self.links = links
    }

    public func send(_ messages: [Message], of group: GroupID) {
        for message in messages { links.send(message, of: group, from: node) }
    }

    public func receive(_ handler: @escaping @Sendable (PeerEvent) -> Void) { self.handler = handler }
}
