import ArgumentParser
import Workload

/// Where the gateway is and who asks, for every tool that speaks HTTP.
struct GatewayOptions: ParsableArguments {
    @Option(help: "Where the gateway listens, such as http://127.0.0.1:8080.", transform: GatewayOptions.address)
    var url: GatewayAddress

    @Option(
        help: ArgumentHelp(
            "A file with the access token of a staff account, or with the JSON that a log-in answers.",
            discussion: "With JSON, an expired token is renewed and the file rewritten.", valueName: "file"))
    var tokenFile: String

    private static func address(_ text: String) throws -> GatewayAddress {
        guard let address = GatewayAddress(text) else { throw ValidationError("\"\(text)\" is not an HTTP URL.") }
        return address
    }

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
