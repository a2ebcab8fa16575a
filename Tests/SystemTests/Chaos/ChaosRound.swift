import Foundation
import Testing

/// Some seconds of clients and faults on one cluster, on SKUs of their own, and what there is to say about it then.
struct ChaosRound {
    let cluster: LocalCluster
    let number: Int
    let seed: UInt64

    private static let clients = 4
    private static let skuCount = 4
    private static let unitsAtFirst = 12
    /// A request that is repeated for so long behind the last fault has met with a cluster that does not serve.
    private static let patience = Duration.seconds(60)

    struct Outcome {
        var faults = Fault.Tally()
        var operations = 0
        var unanswered = 0
        /// The ids of orders that clients were told of.
        var placed: Set<String> = []
        var rejected: Set<String> = []
    }

    /// What clients were told and no single shop could have said.
    struct Violation: Error, CustomStringConvertible { let description: String }

    /// - Parameter faults: how the nodes are maltreated while the clients are at work.
    func run(_ faults: (inout Nemesis) async throws -> Void) async throws -> Outcome {
        let skus = (0..<Self.skuCount).map { "CHAOS-\(number)-\($0)" }
        try await create(skus)
        let history = StockHistory()
        let begin = StockHistory.now()
        let stop = StopSign()
        var nemesis = Nemesis(cluster, seed: seed)
        let clients = (0..<Self.clients).map { client in
            HistoryClient(
                number: client, cluster: cluster, skus: skus, reference: "chaos-\(number)", history: history,
                stop: stop, patience: Self.patience,
                generator: SplitMix(state: seed &+ UInt64(client) &* 7_919))
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for client in clients {
                group.addTask {
                    var client = client
                    try await client.run()
                }
            }
            try await faults(&nemesis)
            await stop.set()
            try await group.waitForAll()
        }
        try await reckon(history, of: skus, since: begin)
        return try await judge(history, nemesis.tally)
    }

    private func create(_ skus: [String]) async throws {
        var lines = ["sku,title,price,currency,quantity"]
        for sku in skus { lines.append("\(sku),\(sku),1.00,EUR,\(Self.unitsAtFirst)") }
        try await cluster.importCatalogue(lines.joined(separator: "\n") + "\n")
    }

    /// Compares what clients were told of their orders with what the shop has in the end. Orders that were given up for
    /// their payment, and of which no client was told, took units and gave them back.
    private func reckon(_ history: StockHistory, of skus: [String], since begin: UInt64) async throws {
        guard let customer = await history.customer else { return }
        let orders = await history.orders
        let told = Dictionary(orders.map { ($0.id, $0) }) { first, _ in first }
        try check(told.count == orders.count, "one order was told under two keys")
        let givenBack = try await givenBack(skus)
        var found: Set<String> = []
        for order in try await cluster.orders("customer_id=\(customer)") {
            let id = try #require(order["id"].string)
            let item = try #require(order["items"].elements.first)
            let sku = try #require(item["sku"].string)
            try check(found.insert(id).inserted, "\(id) is listed twice")
            let isRejected = order["status"] == .string("REJECTED")
            if let told = told[id] {
                try check(told.isPlaced != isRejected, "\(id) of \(sku) was told to be otherwise than \(order)")
            } else if isRejected, givenBack.contains(where: { $0.contains(id) }) {
                await history.addRejected(
                    sku, units: Int(try #require(item["quantity"].integer)), client: Self.clients, begin: begin,
                    end: StockHistory.now())
            }
        }
        let lost = Set(told.keys).subtracting(found)
        try check(lost.isEmpty, "orders were told that the shop has not: \(lost)")
    }

    /// The reservations whose units were given back.
    private func givenBack(_ skus: [String]) async throws -> Set<String> {
        var ids: Set<String> = []
        for sku in skus {
            var cursor = ""
            repeat {
                let page = try await cluster.page("/inventory/\(sku)/movements?limit=200\(cursor)")
                for movement in page["data"].elements where movement["type"] == .string("RELEASED") {
                    ids.insert(try #require(movement["reservation_id"].string))
                }
                cursor = page["next_cursor"].string.map { "&cursor=\($0)" } ?? ""
            } while !cursor.isEmpty
        }
        return ids
    }

    private func judge(_ history: StockHistory, _ faults: Fault.Tally) async throws -> Outcome {
        for (sku, operations) in await history.operations {
            var judge = Linearizability(operations, model: StockModel(initial: Self.unitsAtFirst))
            let verdict = judge.verdict()
            try check(verdict == .linearizable, "\(sku) is \(verdict):\n\(Self.list(operations))")
        }
        let orders = await history.orders
        return Outcome(
            faults: faults, operations: await history.operations.values.reduce(0) { $0 + $1.count },
            unanswered: await history.unanswered, placed: Set(orders.filter(\.isPlaced).map(\.id)),
            rejected: Set(orders.filter { !$0.isPlaced }.map(\.id)))
    }

    private func check(_ holds: Bool, _ complaint: @autoclosure () -> String) throws {
        guard holds else { throw Violation(description: "round \(number), seed \(seed): \(complaint())") }
    }

    private static func list(_ operations: [StockHistory.Operation]) -> String {
        operations.sorted { $0.begin < $1.begin }.map { operation in
            "\(operation.begin)-\(operation.end) client \(operation.client): \(operation.operation) "
                + (operation.outcome.map { "\($0)" } ?? "?")
        }.joined(separator: "\n")
    }
}

/// Tells the clients of a round that it is over.
actor StopSign {
    /// When it was; nil as long as it is not.
    private(set) var since: ContinuousClock.Instant?

    func set() { since = .now }
}
