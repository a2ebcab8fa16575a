extension ClusterRecord {
    /// A new cluster of nodes 1 to `nodes`, with an id of its own, on ports that are free at present.
    ///
    /// - Parameter httpBase: the first node's HTTP port; nil takes a free one for each.
    init(
        nodes: Int, shards: Int, httpBase: Int?, payment: ClusterUpCommand.Payment, administrator: String,
        rateLimits: ClusterUpCommand.RateLimits, storefront: String? = nil
    ) throws {
        var taken: Set<Int> = []
        let nodes = try (1...nodes).map { number in
            Node(
                id: UInt64(number), http: try httpBase.map { $0 + number - 1 } ?? FreePorts.next(besides: &taken),
                metrics: try FreePorts.next(besides: &taken), peers: try FreePorts.next(besides: &taken))
        }
        self.init(
            cluster: String(UInt64.random(in: 1 ... .max), radix: 16), shards: shards,
            rateLimits: rateLimits.rawValue, administrator: administrator,
            storefront: storefront, nodes: nodes,
            simulator: payment == .simulator ? .init(port: try FreePorts.next(besides: &taken)) : nil)
    }
}
