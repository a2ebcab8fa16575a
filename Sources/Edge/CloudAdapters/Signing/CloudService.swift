/// A service that requests are signed for.
public enum CloudService: String, Sendable, CaseIterable {
    case s3
    case events
    case secretsManager = "secretsmanager"

    var signsPathAsSent: Bool { self == .s3 }
    /// Whether the digest of the body is a header too.
    var namesPayload: Bool { self == .s3 }

    /// Names the service in `AWS_ENDPOINT_URL_…`.
    var variableSuffix: String {
        switch self {
        case .s3: "S3"
        case .events: "EVENTBRIDGE"
        case .secretsManager: "SECRETS_MANAGER"
        }
    }
}
