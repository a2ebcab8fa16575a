import Gateway
import Transport

extension NodeLinks {
    /// - Parameter transport: nil on a node that is alone.
    init(_ transport: Transport?) {
        self.init(
            (transport?.links ?? []).map { status in
                Link(
                    peer: status.peer.rawValue, stream: "\(status.stream)", isConnected: status.isConnected,
                    connections: status.counts.connections, framesSent: status.counts.framesSent,
                    bytesSent: status.counts.bytesSent, framesReceived: status.counts.framesReceived,
                    bytesReceived: status.counts.bytesReceived, framesDropped: status.counts.framesDropped)
            }, refusals: transport?.refusals ?? 0)
    }
}

extension Metrics {
    /// What the connections to the other nodes carry.
    func observe(_ transport: Transport) {
        func counter(
            _ name: String, _ help: String, _ value: @escaping @Sendable (LinkCounts) -> UInt64
        ) {
            observedSeries(name, help, isCounter: true) {
                transport.links.map { (Self.labels($0), Int(clamping: value($0.counts))) }
            }
        }
        observedSeries("peer_link_connected", "1 where a stream to a peer is connected.") {
            transport.links.map { (Self.labels($0), $0.isConnected ? 1 : 0) }
        }
        counter("peer_link_connections_total", "How often a stream to a peer was connected.") { $0.connections }
        counter("peer_link_frames_sent_total", "Frames sent on a stream to a peer.") { $0.framesSent }
        counter("peer_link_bytes_sent_total", "Bytes of the frames sent on a stream to a peer.") { $0.bytesSent }
        counter("peer_link_frames_received_total", "Frames received on a stream of a peer.") { $0.framesReceived }
        counter("peer_link_bytes_received_total", "Bytes of the frames received on a stream of a peer.") {
            $0.bytesReceived
        }
        counter("peer_link_frames_dropped_total", "Frames for a peer that found no room or no connection.") {
            $0.framesDropped
        }
        observed("peer_refusals_total", "Connections that this node has turned away or broken off.", isCounter: true) {
            Int(clamping: transport.refusals)
        }
    }

    private static func labels(_ link: LinkStatus) -> Labels {
        [("peer", "\(link.peer)"), ("stream", "\(link.stream)")]
    }
}
