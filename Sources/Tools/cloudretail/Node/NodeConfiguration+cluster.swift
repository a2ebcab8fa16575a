import Commerce
import Consensus

/// The settings of a node that is a member of a cluster.
extension NodeConfiguration {
    static let clusterMembers = Setting(
        "cluster-members", default: "",
        "The founding nodes and where each listens for the others: `1=10.0.0.1:7000,2=10.0.0.2:7000,3=10.0.0.3:7000`. "
            + "Empty: a node alone.")
    static let nodeID = Setting("node-id", default: "1", "Which of the nodes this is; a new disk needs a new number.")
    static let clusterID = Setting(
        "cluster-id", default: "",
        "1 to 16 hexadecimal digits, the same on every node of a cluster, and on no node of another one.")
    static let clusterListen = Setting(
        "cluster-listen", default: "", "Address and port where the node listens for the others.")
    static let clusterCertificate = Setting(
        "cluster-certificate", default: "", "The node's certificate, a PEM file: `cloudretail certificates` makes it.")
    static let clusterKey = Setting("cluster-key", default: "", "The certificate's private key, a PEM file, mode 0600.")
    static let clusterAuthority = Setting(
        "cluster-authority", default: "", "The certificate of the authority that signed the nodes' own, a PEM file.")
    static let clusterSecretFile = Setting(
        "cluster-secret-file", default: "",
        "A file of mode 0600 with the secret that the nodes share: 32 characters or more, the same on each.")
    static let clusterJoining = Setting(
        "cluster-joining", default: "off",
        "`on`: the node was added to a cluster that runs; it is none of `cluster-members`, and learns from them.")
    static let clusterPeers = Setting(
        "cluster-peers", default: "",
        "Nodes that have joined since the founding, as in `cluster-members`: what a node begins with that knows none "
            + "of them. Running nodes tell each other.")
    static let firstAdministrator = Setting(
        "first-administrator", default: "",
        "The e-mail address of an administrator who is registered before the node serves, unless the account exists.")
    static let firstAdministratorPasswordFile = Setting(
        "first-administrator-password-file", default: "",
        "A file of mode 0600 with the first administrator's password; the line's end is not part of it.")

    /// In the order of `table`, which ends with it.
    static let clusterTable = [
        clusterMembers, nodeID, clusterID, clusterListen, clusterCertificate, clusterKey, clusterAuthority,
        clusterSecretFile, clusterJoining, clusterPeers, firstAdministrator, firstAdministratorPasswordFile,
    ]

    /// Why the settings of a member do not fit each other.
    enum ClusterUnclear: WrongSetting, Equatable {
        /// A setting of members, and no members.
        case alone(String)
        case missing(String)
        /// A member that is not joining, and that `cluster-members` does not name; or the other way round.
        case notAmongMembers(NodeID)
        case joinsItself(NodeID)
        case administratorIncomplete

        var description: String {
            let members = "\(clusterMembers.name) (\(clusterMembers.variable))"
            return switch self {
            case .alone(let name): "\(name) goes with \(members), which is empty: this node would be alone."
            case .missing(let name): "A node of a cluster needs \(name): \(members) is given."
            case .notAmongMembers(let node):
                "\(members) does not name node \(node), which \(nodeID.name) says this is; a node that is added later "
                    + "needs \(clusterJoining.name) on."
            case .joinsItself(let node):
                "\(members) names node \(node), which \(clusterJoining.name) says joins later: the founding nodes do "
                    + "not join."
            case .administratorIncomplete:
                "\(firstAdministrator.name) and \(firstAdministratorPasswordFile.name) go together."
            }
        }
    }

    /// - Parameter text: the value of a setting, or its default.
    /// - Returns: nil for a node alone.
    static func cluster(_ text: (Setting) -> String) throws -> ClusterMembership? {
        func value<Value>(_ setting: Setting, _ parse: (String) -> Value?) throws -> Value {
            guard !text(setting).isEmpty else { throw ClusterUnclear.missing(setting.name) }
            guard let value = parse(text(setting)) else { throw Invalid(setting: setting, value: text(setting)) }
            return value
        }
        let ofMembers = clusterTable.prefix { $0.name != firstAdministrator.name }.dropFirst()
        guard !text(clusterMembers).isEmpty else {
            let given = ofMembers.first { text($0) != $0.fallback }
            if let given { throw ClusterUnclear.alone(given.name) }
            return nil
        }
        var membership = ClusterMembership(
            node: try value(nodeID) { UInt64($0).flatMap { $0 > 0 ? NodeID($0) : nil } },
            cluster: try value(clusterID) { UInt64($0, radix: 16) },
            founders: try value(clusterMembers, ClusterMembership.founders),
            listen: try value(clusterListen, SocketAddress.init),
            certificate: TLSFiles(
                certificate: try value(clusterCertificate) { $0 }, key: try value(clusterKey) { $0 }),
            authority: try value(clusterAuthority) { $0 }, secretFile: try value(clusterSecretFile) { $0 },
            isJoining: try value(clusterJoining) { ["on": true, "off": false][$0] })
        if !text(clusterPeers).isEmpty { membership.joined = try value(clusterPeers, ClusterMembership.members) }
        let isFounder = membership.founders.contains { $0.id == membership.node }
        guard isFounder || membership.isJoining else { throw ClusterUnclear.notAmongMembers(membership.node) }
        guard !isFounder || !membership.isJoining else { throw ClusterUnclear.joinsItself(membership.node) }
        return membership
    }

    static func firstAdministrator(_ text: (Setting) -> String) throws -> FirstAdministrator.Credentials? {
        let (email, file) = (text(firstAdministrator), text(firstAdministratorPasswordFile))
        guard email.isEmpty == file.isEmpty else { throw ClusterUnclear.administratorIncomplete }
        guard !email.isEmpty else { return nil }
        guard let address = EmailAddress(email) else { throw Invalid(setting: firstAdministrator, value: email) }
        return FirstAdministrator.Credentials(email: address, passwordFile: file)
    }
}
