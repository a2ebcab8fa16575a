import Consensus

/// Where a node listens, or can be reached.
public struct PeerAddress: Hashable, Sendable, CustomStringConvertible {
    public let host: String
    public let port: Int

    public init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

/// What a node knows of itself and its peers before it talks to them.
public struct TransportConfiguration: Sendable {
    public let node: NodeID
    /// The cluster's identity, as its data directories have it.
    public let cluster: UInt64
    /// Port 0 takes one that is free.
    public let listen: PeerAddress
    /// The other nodes. `Transport.setPeers` changes them.
    public let peers: [NodeID: PeerAddress]
    public let certificates: CertificateFiles
    /// The DNS name in the certificate of a node.
    public let nameOfNode: @Sendable (NodeID) -> String
    /// A digest of the steps that this node takes. Peers that take others are told of in the log.
    public let stepTable: UInt64
    /// The newest version of a cluster that this node reads, as its peers are told.
    public let newestVersion: UInt16
    public let limits: TransportLimits

    public init(
        node: NodeID, cluster: UInt64, listen: PeerAddress, peers: [NodeID: PeerAddress] = [:],
        certificates: CertificateFiles, nameOfNode: @escaping @Sendable (NodeID) -> String, stepTable: UInt64 = 0,
        newestVersion: UInt16 = 1, limits: TransportLimits = TransportLimits()
    ) {
        self.node = node
        self.cluster = cluster
        self.listen = listen
        self.peers = peers
        self.certificates = certificates
        self.nameOfNode = nameOfNode
        self.stepTable = stepTable
        self.newestVersion = newestVersion
        self.limits = limits
    }
}

/// The PEM files by which nodes know each other. They may be replaced while the node runs.
public struct CertificateFiles: Hashable, Sendable {
    /// The authority that signs the certificates of all nodes.
    public let authority: String
    public let certificate: String
    /// Readable by its owner alone.
    public let key: String

    public init(authority: String, certificate: String, key: String) {
        self.authority = authority
        self.certificate = certificate
        self.key = key
    }
}
