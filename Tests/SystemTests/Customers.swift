import AsyncHTTPClient
import NIOCore
import Testing

/// Customers who order one thing after another, send what got no answer again under the same key, and remember what
/// they were told.
actor Customers {
    /// What a customer was told about one key.
    private enum Told {
        case placed(String)
        /// The payment is not known yet.
        case pending(String)
    }

    private let shop: any RunningShop
    /// What they order: two of these that follow each other.
    private let skus: [String]
    private var told: [String: Told] = [:]
    /// Orders of attempts for which no payment could be tried: the same request was sent again.
    private var refused: [String] = []
    private var isClosed = false

    /// How long a customer waits before sending again what got no answer.
    private static let pause = Duration.milliseconds(20)

    init(_ shop: any RunningShop, skus: [String] = LocalShop.demoSKUs) {
        self.shop = shop
        self.skus = skus
    }

    func close() { isClosed = true }

    /// Keys that have been answered with an order.
    var answered: Int { told.count }

    func shopUntilClosed(named name: String) async throws {
        var number = 0
        while !isClosed {
            number += 1
            let key = "\(name)-\(number)"
            told[key] = try await order(key, [skus[number % skus.count], skus[(number + 1) % skus.count]])
        }
    }

    private func order(_ key: String, _ skus: [String]) async throws -> Told {
        while true {
            let answer: Answer
            do {
                answer = try await shop.order(key: key, skus: skus)
            } catch where !(error is CancellationError) {
                // Killed in the middle, or not there: the outcome is unknown. A later node, or another one, knows it.
                await shop.askAnother()
                try await Task.sleep(for: Self.pause)
                continue
            }
            switch answer.status {
            case 201: return .placed(try #require(try answer.json["id"].string))
            case 202: return .pending(try #require(try answer.json["id"].string))
            case 401: try await shop.logIn()
            case 409, 503:
                // Without an order nothing was ever opened.
                if let id = try answer.json["order_id"].string { refused.append(id) }
                try await Task.sleep(for: Self.pause)
            default: throw Unexpected(key: key, answer: answer)
            }
        }
    }

    struct Unexpected: Error { let key: String; let answer: Answer }

    /// Compares what customers were told with what the node and the provider know now.
    ///
    /// - Returns: how many orders they were told had been placed.
    func check() async throws -> Int {
        var orders: [(key: String, answer: Told, id: String, isFulfilled: Bool)] = []
        for (key, answer) in told {
            let id: String
            switch answer {
            case .placed(let order), .pending(let order): id = order
            }
            let order = try await shop.wait("/orders/\(id)") { ["FULFILLED", "REJECTED"].contains($0["status"].string) }
            orders.append((key, answer, id, order["status"] == .string("FULFILLED")))
        }
        // Asked only now: the payment of an order that was pending may just have been taken.
        var charged: Set<String> = []
        for charge in try await shop.ledger()["charges"].elements where charge["status"] == .string("succeeded") {
            charged.insert(try #require(charge["order_id"].string))
        }
        var ids: Set<String> = []
        var placed = 0
        for (key, answer, id, isFulfilled) in orders {
            #expect(ids.insert(id).inserted, "two keys were told \(id)")
            #expect(isFulfilled == charged.contains(id), "\(key) was told \(answer)")
            switch answer {
            case .placed:
                placed += 1
                #expect(isFulfilled, "\(key) was told its order was placed: \(id)")
            case .pending: break
            }
        }
        #expect(ids.isDisjoint(with: refused), "an attempt that was refused is told of as another")
        // An attempt that was rejected because no payment could be tried is followed by another under the same key.
        let ofMine = try await ordersOfMine()
        #expect(ids.subtracting(ofMine.keys).isEmpty, "orders that the list lacks")
        for (id, status) in ofMine where !ids.contains(id) {
            #expect(status == "REJECTED" && !charged.contains(id), "no customer was told of \(id), which is \(status)")
        }
        return placed
    }

    /// All orders of the administrator, on whose account these customers shop, with the status of each.
    private func ordersOfMine() async throws -> [String: String] {
        let mine = try #require(try await shop.send(.GET, "/auth/me").json["id"].string)
        var statuses: [String: String] = [:]
        for order in try await shop.orders("customer_id=\(mine)") {
            let id = try #require(order["id"].string)
            #expect(statuses.updateValue(try #require(order["status"].string), forKey: id) == nil, "\(id) twice")
        }
        return statuses
    }
}
