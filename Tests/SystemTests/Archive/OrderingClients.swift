import NIOCore

/// Clients that order as long as there is a shop, and remember what was acknowledged.
actor OrderingClients {
    private static let attemptLimit = TimeAmount.seconds(2)

    private let cluster: LocalCluster
    private var isOpen = true
    /// The ids of the orders.
    private(set) var acknowledged: [String] = []

    init(_ cluster: LocalCluster) { self.cluster = cluster }

    /// So many order at these nodes until `body` returns.
    func order(at urls: [String], _ count: Int, until body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for client in 0..<count {
                let url = urls[client % urls.count]
                group.addTask { await self.order(at: url, named: "client-\(client)") }
            }
            try await body()
            isOpen = false
            try await group.waitForAll()
        }
    }

    private func order(at url: String, named name: String) async {
        var number = 0
        while isOpen {
            number += 1
            let answer = try? await Answer.of(
                .POST, "\(url)/api/v1/orders", token: await cluster.token, key: "\(name)-\(number)",
                body: #"{"items":[{"sku":"TEA","quantity":1},{"sku":"CUP","quantity":1}]}"#,
                within: Self.attemptLimit)
            if answer?.status == 201, let id = try? answer?.json["id"].string { acknowledged.append(id) }
        }
    }
}
