import ArgumentParser

/// One flag for each setting of a node, by the setting's name. What they mean, the table of settings says.
struct SettingFlags: ParsableArguments {
    @Option var dataDir: String?
    @Option var http: String?
    @Option var metrics: String?
    @Option var payment: String?
    @Option var paymentUrl: String?
    @Option var paymentKeyFile: String?
    @Option var paymentFaults: String?
    @Option var tlsCertificate: String?
    @Option var tlsKey: String?
    @Option var trustedProxies: String?
    @Option var hsts: String?
    @Option var shards: String?
    @Option var rateLimits: String?
    @Option var logRetention: String?
    @Option var logLevel: String?
    @Option var corsOrigins: String?
    @Option var requestsInFlightMax: String?
    @Option var connectionsPerAddressMax: String?
    @Option var requirePreconditions: String?
    @Option var passwordLengthMin: String?
    @Option var storefront: String?
    @Option var storefrontGateways: String?
    @Option var eventBus: String?
    @Option var eventBusRegion: String?
    @Option var eventBusEndpoint: String?
    @Option var cloudwatchNamespace: String?
    @Option var cloudwatchPeriod: String?
    @Option var secretsRefresh: String?
    @Option var webhooksPrivateAddresses: String?
    @Option var webhooksRetries: String?
    @Option var clusterMembers: String?
    @Option var nodeId: String?
    @Option var clusterId: String?
    @Option var clusterListen: String?
    @Option var clusterCertificate: String?
    @Option var clusterKey: String?
    @Option var clusterAuthority: String?
    @Option var clusterSecretFile: String?
    @Option var clusterJoining: String?
    @Option var clusterPeers: String?
    @Option var firstAdministrator: String?
    @Option var firstAdministratorPasswordFile: String?

    /// What the command line said, by the setting's name.
    var given: [String: String] {
        Mirror(reflecting: self).children.reduce(into: [:]) { given, child in
            guard let label = child.label, let option = child.value as? Option<String?> else { return }
            given[Self.settingName(ofProperty: label)] = option.wrappedValue
        }
    }

    /// `_dataDir` is the flag `--data-dir` to the parser, and the setting `data-dir` to the node.
    private static func settingName(ofProperty label: String) -> String {
        label.drop { $0 == "_" }.reduce(into: "") { name, character in
            name += character.isUppercase ? "-\(character.lowercased())" : String(character)
        }
    }
}
