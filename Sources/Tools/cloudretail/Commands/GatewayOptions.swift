import ArgumentParser
import Workload

/// Where the gateway is and who asks, for every tool that speaks HTTP.
struct GatewayOptions: ParsableArguments {
    @Option(
        name: .customLong("url"),
        help: ArgumentHelp(
            "Where the gateway listens, such as http://127.0.0.1:8080; repeated for the nodes of a cluster.",
            valueName: "url"))
    var urlTexts: [String]

    @Option(
        help: ArgumentHelp(
            "A file with the access token of a staff account, or with the JSON that a log-in answers.",
            discussion: "With JSON, an expired token is renewed and the file rewritten.", valueName: "file"))
    var tokenFile: String

    @OptionGroup var trust: TrustOptions

    /// One or more.
    ///
    /// - Throws: when the flag gives no address. What it gives may hold a password, and is not repeated.
    var addresses: [GatewayAddress] {
        get throws {
            try urlTexts.map { text in
                guard let address = GatewayAddress(text) else {
                    throw ValidationError(
                        "--url takes an HTTP URL without user, password, query or fragment, such as "
                            + "http://127.0.0.1:8080.")
                }
                return address
            }
        }
    }

    func validate() throws { _ = try addresses }

    /// Opens a client for the length of `body`.
    func withClient<Result: Sendable>(
        patience: Duration, connections: Int, _ body: (GatewayClient) async throws -> Result
    ) async throws -> Result {
        try await GatewayClient.with(
            addresses: addresses, tokens: TokenFile(path: tokenFile), trusting: trust.certificates(),
            patience: .init(limit: patience), connections: connections, body)
    }
}
