import Cluster
import Consensus

// What any thread may ask for.
extension Transport {
    @discardableResult
    public func send(_ frame: [UInt8], on stream: PeerStream, to peer: NodeID) -> Bool {
        guard let link = link(to: peer, on: stream), fits(frame, link) else { return false }
        return link.offer(frame) == .taken
    }

    public func sendWhenRoom(
        _ frame: [UInt8], on stream: PeerStream, to peer: NodeID
    ) async throws(PeerUnreachable) {
        guard let link = link(to: peer, on: stream), fits(frame, link), let generation = link.generation else {
            throw PeerUnreachable(peer: peer)
        }
        while !Task.isCancelled {
            switch link.offer(frame, in: generation) {
            case .taken: return
            case .unconnected: throw PeerUnreachable(peer: peer)
            case .full: await link.room(for: frame.count, in: generation)
            }
        }
        throw PeerUnreachable(peer: peer)
    }

    /// The peer would break the connection off at a longer one.
    private func fits(_ frame: [UInt8], _ link: PeerLink) -> Bool {
        if frame.count <= configuration.limits.frameBytesMax { return true }
        log.note(.error, "A frame is too long to be sent", of: link, ["bytes": "\(frame.count)"])
        return false
    }
}

/// How one stream to a peer is doing.
public struct LinkStatus: Hashable, Sendable {
    public let peer: NodeID
    public let stream: PeerStream
    public let isConnected: Bool
    public let counts: LinkCounts
}
