import CloudAdapters

/// Settings whose files are kept in AWS Secrets Manager.
extension NodeConfiguration {
    /// What is fetched from there, and where the node then has it.
    struct SecretSettings: Sendable, Equatable {
        /// What each setting says; in the order of `keepable`.
        var references: [Reference]
        var folder: SecretFolder
        /// Between two looks for new versions.
        var refresh: Duration

        struct Reference: Sendable, Equatable {
            let setting: String
            let secret: SecretReference
        }

        /// The file that stands in for what the setting says; nil for a setting that names a file itself.
        func path(for setting: Setting) -> String? {
            references.contains { $0.setting == setting.name } ? folder.path(of: setting.name) : nil
        }
    }

    /// Each of these is a path, or `secretsmanager:NAME#KEY`.
    static let keepable = [
        paymentKeyFile, tlsCertificate, tlsKey, clusterCertificate, clusterKey, clusterAuthority, clusterSecretFile,
        firstAdministratorPasswordFile,
    ]

    static let secretsRefresh = Setting(
        "secrets-refresh", default: "60s",
        "How often a node looks for new versions of secrets, such as `60s`. A file with a key, a certificate or a "
            + "password may be `secretsmanager:NAME#KEY`: the text under KEY in that secret of AWS Secrets Manager; "
            + "without #KEY the secret as a whole.")

    /// - Parameter text: the value of a setting, or its default.
    static func secrets(_ text: (Setting) -> String) throws -> SecretSettings {
        guard let refresh = Duration(setting: text(secretsRefresh)[...]) else {
            throw Invalid(setting: secretsRefresh, value: text(secretsRefresh))
        }
        let references = try keepable.compactMap { setting -> SecretSettings.Reference? in
            guard text(setting).hasPrefix(SecretReference.scheme) else { return nil }
            guard let secret = SecretReference(text(setting)) else {
                throw Invalid(setting: setting, value: text(setting))
            }
            return .init(setting: setting.name, secret: secret)
        }
        return SecretSettings(
            references: references, folder: SecretFolder(path: text(dataDirectory) + "/secrets"), refresh: refresh)
    }
}
