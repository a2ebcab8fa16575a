import AsyncHTTPClient
import NIOCore

/// Connections to endpoints, each to the one address that was checked for its name.
actor WebhookClients {
    /// More than there are endpoints, so that names with some addresses keep their connections.
    private static let clientsMax = 64
    private static let connectTimeLimit = TimeAmount.seconds(5)

    private struct Key: Hashable {
        let host: String
        let address: String
    }

    private var clients: [Key: HTTPClient] = [:]
    private var isClosed = false

    /// - Throws: `CancellationError` once they are closed.
    func client(for target: CheckedAddress) async throws -> HTTPClient {
        guard !isClosed else { throw CancellationError() }
        let key = Key(host: target.host, address: target.address)
        if let client = clients[key] { return client }
        // What is under way fails, and is sent again.
        if clients.count >= Self.clientsMax { await closeAll() }
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow, timeout: .init(connect: Self.connectTimeLimit))
        configuration.httpVersion = .http1Only
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.dnsOverride = [target.host: target.address]
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        if let other = clients.updateValue(client, forKey: key) { try? await other.shutdown() }
        return client
    }

    func close() async {
        isClosed = true
        await closeAll()
    }

    private func closeAll() async {
        let closed = Array(clients.values)
        clients = [:]
        for client in closed { try? await client.shutdown() }
    }
}
