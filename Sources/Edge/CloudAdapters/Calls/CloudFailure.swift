/// Why a service did not do what it was asked for.
public enum CloudFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// Neither the environment nor the profile names a region.
    case noRegion
    case noCredentials(reason: String)
    /// The address is not repeated, for it may hold a secret.
    case invalidEndpoint
    /// The service's own answer.
    case refused(CloudRefusal)
    /// Every attempt within the limits ended without an answer, or with one that asks to come back later.
    case unavailable(last: String)
    case malformedAnswer(String)
    /// An object of that name exists, and was not to be replaced.
    case alreadyThere(String)
    /// The secret is no object of JSON that has a text under that key.
    case noSuchValue(SecretReference)
    /// A file of this machine.
    case file(path: String, reason: String)
    case cancelled

    public var description: String {
        switch self {
        case .noRegion: "no region is set: AWS_REGION names one"
        case .noCredentials(let reason): "there are no credentials for the cloud: \(reason)"
        case .invalidEndpoint: "the address of a service is a URL without user, path and query: https://host:port"
        case .refused(let refusal): refusal.description
        case .unavailable(let last): "the service does not answer: \(last)"
        case .malformedAnswer(let reason): "the service's answer cannot be read: \(reason)"
        case .alreadyThere(let name): "\(name) is there already"
        case .noSuchValue: "it is no text of an object of JSON"
        case .file(let path, let reason): "\(path): \(reason)"
        case .cancelled: "the call was given up"
        }
    }
}

/// A service's refusal, as it tells it.
public struct CloudRefusal: Sendable, Hashable, CustomStringConvertible {
    public let status: Int
    /// The service's name for the reason, such as `NoSuchKey`; empty where it gives none.
    public let code: String
    public let message: String

    public var description: String {
        "the service answered \(status)" + (code.isEmpty ? "" : " \(code)") + (message.isEmpty ? "" : ": \(message)")
    }

    private static let throttling: Set<String> = [
        "ThrottlingException", "Throttling", "ThrottledException", "TooManyRequestsException", "SlowDown",
        "RequestLimitExceeded", "RequestThrottled", "ProvisionedThroughputExceededException",
    ]
    private static let skewed: Set<String> = [
        "RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture", "InvalidSignatureException",
        "SignatureDoesNotMatch",
    ]
    private static let expired: Set<String> = ["ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired"]

    /// The caller asks more often than it may.
    var isThrottling: Bool { status == 429 || Self.throttling.contains(code) }
    /// It may be due to the two clocks, as far as the code tells.
    var mayBeSkew: Bool { Self.skewed.contains(code) }
    /// The credentials are no longer good.
    var isExpiry: Bool { Self.expired.contains(code) }
    /// The service failed, not the request.
    var isFault: Bool { status >= 500 && !isThrottling || code == "RequestTimeout" }
}
