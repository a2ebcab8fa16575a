/// What a setting says of a value that is kept in AWS Secrets Manager: `secretsmanager:NAME#KEY`, or
/// `secretsmanager:NAME` for a secret as a whole.
public struct SecretReference: Sendable, Hashable, CustomStringConvertible {
    public static let scheme = "secretsmanager:"
    /// Longer ones are no names of the service's.
    private static let nameLengthMax = 2_048
    private static let keyLengthMax = 256

    /// The secret's name, or its ARN where it is another account's.
    public let name: String
    /// Whose value is meant, where the secret is an object of JSON; nil for the whole.
    public let key: String?

    /// - Returns: nil for another text, and for a name that the service would refuse.
    public init?(_ text: String) {
        guard text.hasPrefix(Self.scheme) else { return nil }
        let parts = text.dropFirst(Self.scheme.count).split(
            separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
        // Source: "CreateSecret", AWS Secrets Manager API reference; with the colons of an ARN.
        guard let name = parts.first, (1...Self.nameLengthMax).contains(name.utf8.count),
            name.wholeMatch(of: /[A-Za-z0-9\/_+=.@:-]+/) != nil
        else { return nil }
        if parts.count > 1 {
            guard (1...Self.keyLengthMax).contains(parts[1].utf8.count) else { return nil }
        }
        self.name = String(name)
        key = parts.count > 1 ? String(parts[1]) : nil
    }

    public var description: String { Self.scheme + name + (key.map { "#\($0)" } ?? "") }
}
