import Foundation
import Gateway
import NodeCertificates

/// Writes what the nodes of a cluster on this machine start with: secrets, certificates and configurations.
struct ClusterFiles {
    let folder: ClusterFolder

    /// Bytes of a secret that a cluster makes for itself, before base 64.
    private static let secretBytes = 32
    private static let host = "127.0.0.1"

    /// Writes each file that is not there yet.
    ///
    /// - Parameter password: of the administrator; nil makes one up.
    func prepare(_ record: ClusterRecord, password: String?) throws {
        try create(folder.secret, Self.freshSecret())
        try create(folder.paymentKey, Self.freshSecret())
        try create(folder.administratorPassword, password.map { $0 + "\n" })
        for node in record.nodes { try folder.create(folder.node(node.id)) }
        if record.isCluster {
            try NodeCertificates.create(in: folder.certificates, nodes: record.nodes.map(\.id))
        }
    }

    /// - Parameter text: what the file holds; nil is a secret of its own.
    private func create(_ path: String, _ text: String?) throws {
        guard !FileManager.default.fileExists(atPath: path) else { return }
        try SecretFile.create(path, Array((text ?? Self.freshSecret()).utf8))
    }

    private static func freshSecret() -> String {
        let bytes = (0..<secretBytes).map { _ in UInt8.random(in: .min ... .max) }
        return Data(bytes).base64EncodedString() + "\n"
    }

    /// Writes the configuration that `serve --config` reads, as the record has it now. Other settings that somebody has
    /// added stay.
    ///
    /// - Throws: `Unreadable` where what is there is no JSON object.
    func configure(_ node: ClusterRecord.Node, of record: ClusterRecord) throws {
        var settings: [(NodeConfiguration.Setting, String)] = [
            (NodeConfiguration.dataDirectory, folder.data(node.id)),
            (NodeConfiguration.http, "\(Self.host):\(node.http)"),
            (NodeConfiguration.metrics, "\(Self.host):\(node.metrics)"),
            (NodeConfiguration.shards, "\(record.shards)"), (NodeConfiguration.rateLimits, record.rateLimits),
            (NodeConfiguration.firstAdministrator, record.administrator),
            (NodeConfiguration.firstAdministratorPasswordFile, folder.administratorPassword),
        ]
        if let simulator = record.simulator {
            settings += [
                (NodeConfiguration.paymentURL, simulator.url), (NodeConfiguration.paymentKeyFile, folder.paymentKey),
                (NodeConfiguration.paymentFaults, "on"),
            ]
        } else {
            settings.append((NodeConfiguration.payment, "in-process"))
        }
        if let storefront = record.storefront {
            settings.append((NodeConfiguration.storefront, storefront))
            if record.isCluster { settings.append((NodeConfiguration.storefrontGateways, "members")) }
        }
        if record.isCluster { settings += membership(of: node, in: record) }
        let file = folder.configuration(node.id)
        var values = try addedSettings(in: file)
        for (setting, value) in settings { values[setting.name] = value }
        let text = try JSONSerialization.data(
            withJSONObject: values, options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
        try text.write(to: URL(fileURLWithPath: file), options: .atomic)
    }

    struct Unreadable: Error, CustomStringConvertible {
        let path: String
        var description: String { "\(path) is no JSON object: mend it, or delete it, so that it is made anew" }
    }

    /// What a configuration has besides what the record says.
    private func addedSettings(in file: String) throws -> [String: Any] {
        guard FileManager.default.fileExists(atPath: file) else { return [:] }
        guard let data = FileManager.default.contents(atPath: file),
            let values = try? JSONSerialization.jsonObject(with: data) as? [String: Any]
        else { throw Unreadable(path: file) }
        let own = Set(Self.ownSettings.map(\.name))
        return values.filter { !own.contains($0.key) }
    }

    /// The settings that follow from the record.
    private static let ownSettings: [NodeConfiguration.Setting] = [
        NodeConfiguration.dataDirectory, NodeConfiguration.http, NodeConfiguration.metrics, NodeConfiguration.shards,
        NodeConfiguration.rateLimits, NodeConfiguration.firstAdministrator,
        NodeConfiguration.firstAdministratorPasswordFile, NodeConfiguration.paymentURL,
        NodeConfiguration.paymentKeyFile, NodeConfiguration.paymentFaults, NodeConfiguration.payment,
        NodeConfiguration.storefront, NodeConfiguration.storefrontGateways, NodeConfiguration.clusterMembers,
        NodeConfiguration.clusterPeers, NodeConfiguration.nodeID, NodeConfiguration.clusterID,
        NodeConfiguration.clusterListen, NodeConfiguration.clusterCertificate, NodeConfiguration.clusterKey,
        NodeConfiguration.clusterAuthority, NodeConfiguration.clusterSecretFile, NodeConfiguration.clusterJoining,
    ]

    private func membership(
        of node: ClusterRecord.Node, in record: ClusterRecord
    ) -> [(NodeConfiguration.Setting, String)] {
        func list(_ nodes: [ClusterRecord.Node]) -> String {
            nodes.map { "\($0.id)=\(Self.host):\($0.peers)" }.joined(separator: ",")
        }
        let directory = folder.certificates
        return [
            (NodeConfiguration.clusterMembers, list(record.founders)),
            (NodeConfiguration.clusterPeers, list(record.nodes.filter(\.isJoining))),
            (NodeConfiguration.nodeID, "\(node.id)"), (NodeConfiguration.clusterID, record.cluster),
            (NodeConfiguration.clusterListen, "\(Self.host):\(node.peers)"),
            (NodeConfiguration.clusterCertificate, NodeCertificates.certificateFile(ofNode: node.id, in: directory)),
            (NodeConfiguration.clusterKey, NodeCertificates.keyFile(ofNode: node.id, in: directory)),
            (NodeConfiguration.clusterAuthority, NodeCertificates.authorityFile(in: directory)),
            (NodeConfiguration.clusterSecretFile, folder.secret),
            (NodeConfiguration.clusterJoining, node.isJoining ? "on" : "off"),
        ]
    }
}
