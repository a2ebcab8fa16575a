import NIOCore

/// Clients that order as long as there is a shop, and remember what was acknowledged.
actor OrderingClients {
    private let cluster: LocalCluster
    private let attemptLimit: TimeAmount
    private var isOpen = true
    /// The ids of the orders.
    private(set) var acknowledged: [String] = []
    /// What the first attempt that was not acknowledged came to.
    private(set) var firstFailure: String?

    init(_ cluster: LocalCluster, attemptLimit: TimeAmount = .seconds(2)) {
        self.cluster = cluster
        self.attemptLimit = attemptLimit
    }

    /// Returns once so many more are acknowledged than now.
    func acknowledge(_ count: Int) async throws {
        let wanted = acknowledged.count + count
        while acknowledged.count < wanted, firstFailure == nil { try await Task.sleep(for: .milliseconds(20)) }
    }

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
            do {
                let answer = try await Answer.of(
                    .POST, "\(url)/api/v1/orders", token: await cluster.token, key: "\(name)-\(number)",
                    body: #"{"items":[{"sku":"TEA","quantity":1},{"sku":"CUP","quantity":1}]}"#, within: attemptLimit)
                if answer.status == 201, let id = try answer.json["id"].string {
                    acknowledged.append(id)
                } else {
                    note("\(answer)")
                }
            } catch {
                note("\(error)")
            }
        }
    }

    private func note(_ failure: String) { if firstFailure == nil { firstFailure = failure } }
}
