import AsyncHTTPClient

/// One of the places where credentials may be.
protocol CredentialSource: Sendable {
    /// - Returns: nil when nothing is set here, and the next place is to be looked at.
    /// - Throws: why what is set here cannot be used.
    func credentials(over http: HTTPClient) async throws(CloudFailure) -> CloudCredentials?
}

/// `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`, with `AWS_SESSION_TOKEN` for temporary ones.
struct EnvironmentCredentials: CredentialSource {
    let environment: [String: String]

    func credentials(over http: HTTPClient) throws(CloudFailure) -> CloudCredentials? {
        let id = environment["AWS_ACCESS_KEY_ID"] ?? ""
        let secret = environment["AWS_SECRET_ACCESS_KEY"] ?? ""
        guard id.isEmpty == secret.isEmpty else {
            throw .noCredentials(reason: "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY go together")
        }
        guard !id.isEmpty else { return nil }
        let token = environment["AWS_SESSION_TOKEN"].flatMap { $0.isEmpty ? nil : $0 }
        return CloudCredentials(accessKeyID: id, secretKey: secret, sessionToken: token)
    }
}
