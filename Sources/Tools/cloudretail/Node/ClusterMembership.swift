import ActorSystem
import Consensus
import EventSourcing
import NodeCertificates
import Schema
import Storage
import Transport

/// Where a node stands in its cluster, and what it proves that with.
struct ClusterMembership: Sendable, Equatable {
    /// The cluster address of a node.
    struct Member: Sendable, Equatable {
        var id: NodeID
        var address: NodeConfiguration.SocketAddress
    }

    /// This node.
    var node: NodeID
    /// The same on every node, and on no node of another cluster.
    var cluster: UInt64
    /// The voters that founded the cluster, in the order of their ids; this node among them unless it is joining.
    var founders: [Member]
    /// Nodes that have joined since, as far as the operator says: what this node begins with. Nodes tell each other.
    var joined: [Member] = []
    /// Where this node listens for the others.
    var listen: NodeConfiguration.SocketAddress
    /// The PEM files of this node's certificate and of its key.
    var certificate: NodeConfiguration.TLSFiles
    /// The PEM file of the authority that every node's certificate is signed by.
    var authority: String
    /// The file with the secret that the nodes share.
    var secretFile: String
    /// Whether this node came after the founding: it votes nowhere before the others have taken it in.
    var isJoining: Bool

    /// Five voters outlive the loss of two; more make every write slower and no shop safer.
    static let foundersMax = 7

    /// Reads `1=host:port,2=host:port`; nil when an id or an address is none, or either comes twice.
    static func members(_ text: String) -> [Member]? {
        var members: [Member] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let sides = part.split(separator: "=", maxSplits: 1)
            guard sides.count == 2, let id = UInt64(sides[0].trimmingSpaces), id > 0,
                let address = NodeConfiguration.SocketAddress(sides[1].trimmingSpaces), address.port > 0,
                !members.contains(where: { $0.id.rawValue == id || $0.address == address })
            else { return nil }
            members.append(Member(id: NodeID(id), address: address))
        }
        return members.sorted { $0.id < $1.id }
    }

    /// As `members`, of so many as may found a cluster.
    static func founders(_ text: String) -> [Member]? {
        members(text).flatMap { (1...foundersMax).contains($0.count) ? $0 : nil }
    }
}

extension ClusterMembership {
    /// What the node's data directory is founded with, or has been.
    var founding: Founding {
        let ids = founders.map(\.id)
        return isJoining
            ? .joining(node, cluster: cluster, foundedBy: ids) : .member(node, cluster: cluster, of: ids)
    }

    /// What the node knows of itself and its peers before it talks to them.
    ///
    /// - Parameter steps: the numbers of all that it takes from them.
    func transport(steps: [StepNumber]) -> TransportConfiguration {
        TransportConfiguration(
            node: node, cluster: cluster, listen: PeerAddress(listen),
            peers: Dictionary(uniqueKeysWithValues: (founders + joined).map { ($0.id, PeerAddress($0.address)) }),
            certificates: CertificateFiles(
                authority: authority, certificate: certificate.certificate, key: certificate.key),
            nameOfNode: { NodeName.ofNode($0.rawValue) }, stepTable: Self.digest(of: steps),
            newestVersion: ClusterVersion.readable.rawValue)
    }

    /// FNV-1a of the numbers, in their order.
    private static func digest(of steps: [StepNumber]) -> UInt64 {
        steps.map(\.rawValue).sorted().reduce(0xcbf2_9ce4_8422_2325) { digest, number in
            (digest ^ UInt64(number)) &* 0x100_0000_01b3
        }
    }
}

extension PeerAddress {
    init(_ address: NodeConfiguration.SocketAddress) {
        self.init(host: address.host, port: address.port)
    }
}
