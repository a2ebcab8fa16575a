/// The connections of a node to the others, and what they have carried since the node began.
public struct NodeLinks: Sendable, Equatable {
    /// One stream to one peer.
    public struct Link: Sendable, Equatable {
        public var peer: UInt64
        public var stream: String
        public var isConnected: Bool
        /// How often it was.
        public var connections: UInt64
        public var framesSent: UInt64
        public var bytesSent: UInt64
        public var framesReceived: UInt64
        public var bytesReceived: UInt64
        /// Refused since the queue was full or there was no connection, or lost with one.
        public var framesDropped: UInt64

        public init(
            peer: UInt64, stream: String, isConnected: Bool, connections: UInt64, framesSent: UInt64,
            bytesSent: UInt64, framesReceived: UInt64, bytesReceived: UInt64, framesDropped: UInt64
        ) {
            self.peer = peer
            self.stream = stream
            self.isConnected = isConnected
            self.connections = connections
            self.framesSent = framesSent
            self.bytesSent = bytesSent
            self.framesReceived = framesReceived
            self.bytesReceived = bytesReceived
            self.framesDropped = framesDropped
        }
    }

    /// By peer and stream.
    public var links: [Link]
    /// Connections that the node has turned away or broken off.
    public var refusals: UInt64

    /// A node that is alone has none.
    public init(_ links: [Link] = [], refusals: UInt64 = 0) {
        self.links = links
        self.refusals = refusals
    }
}

extension JSONWriter {
    /// The members of an object.
    mutating func fields(_ links: NodeLinks) {
        array("links") { json in
            for link in links.links {
                json.object { json in
                    json.field("peer", Int64(clamping: link.peer))
                    json.field("stream", link.stream)
                    json.field("connected", link.isConnected)
                    json.field("connections", Int64(clamping: link.connections))
                    json.field("frames_sent", Int64(clamping: link.framesSent))
                    json.field("bytes_sent", Int64(clamping: link.bytesSent))
                    json.field("frames_received", Int64(clamping: link.framesReceived))
                    json.field("bytes_received", Int64(clamping: link.bytesReceived))
                    json.field("frames_dropped", Int64(clamping: link.framesDropped))
                }
            }
        }
        field("refusals", Int64(clamping: links.refusals))
    }
}
