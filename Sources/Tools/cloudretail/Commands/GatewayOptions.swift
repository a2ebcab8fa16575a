import ArgumentParser
import Workload

/// Where the gateway is and who asks, for every tool that speaks HTTP.
struct GatewayOptions: ParsableArguments {
    @Option(
        name: .customLong("url"),
        help: ArgumentHelp("Where the gateway listens, such as http://127.0.0.1:8080.", valueName: "url"))
    var urlText: String

    @Option(
        help: ArgumentHelp(
            "A file with the access token of a staff account, or with the JSON that a log-in answers.",
            discussion: "With JSON, an expired token is renewed and the file rewritten.", valueName: "file"))
    var tokenFile: String

    /// - Throws: when the flag gives no address. What it gives may hold a password, and is not repeated.
    var url: GatewayAddress {
        get throws {
            guard let address = GatewayAddress(urlText) else {
                throw ValidationError(
                    "--url takes an HTTP URL without user, password, query or fragment, such as http://127.0.0.1:8080.")
            }
            return address
        }
    }

    func validate() throws { _ = try url }

    /// Opens a client for the length of `body`.
    func withClient<Result: Sendable>(
        patience: Duration, connections: Int, _ body: (GatewayClient) async throws -> Result
    ) async throws -> Result {
        try await GatewayClient.with(
            address: url, tokens: TokenFile(path: tokenFile), patience: .init(limit: patience),
            connections: connections,
            body)
    }
}
