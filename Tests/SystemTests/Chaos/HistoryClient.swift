import Foundation
import NIOCore
import Testing

/// A client that asks one thing after another of any node, sends what got no answer again under its key, and writes
/// down what it was told.
struct HistoryClient {
    let number: Int
    let cluster: LocalCluster
    let skus: [String]
    /// What another system calls the customer for whom it orders.
    let reference: String
    let history: StockHistory
    let stop: StopSign
    /// How long behind the stop a request is repeated.
    let patience: Duration
    var generator: SplitMix

    /// Longer than any answer takes that is not lost; a node that is paused gives none.
    private static let attemptLimit = TimeAmount.seconds(3)
    private static let pauseMilliseconds = 10...60

    /// What a request came to.
    private enum Told {
        case answer(Answer)
        /// No node gave an answer before it was too late.
        case nothing
    }

    /// Asks until the stop; the last request is repeated until patience is over.
    mutating func run() async throws {
        var count = 0
        while await stop.since == nil {
            count += 1
            let sku = skus.randomElement(using: &generator)!
            let units = Int.random(in: 1...3, using: &generator)
            switch Int.random(in: 0..<20, using: &generator) {
            case 0..<10: try await order(units, of: sku, key: "c\(number)-\(sku)-\(count)")
            case 10..<12: try await receive(units, of: sku, key: "r\(number)-\(sku)-\(count)")
            default: try await read(sku)
            }
        }
    }

    private mutating func order(_ units: Int, of sku: String, key: String) async throws {
        let begin = StockHistory.now()
        let body = #"{"items":[{"sku":"\#(sku)","quantity":\#(units)}],"customer_reference":"\#(reference)"}"#
        var outcome: StockModel.Outcome?
        while case .answer(let answer) = try await ask(.POST, "/orders", key: key, body: body) {
            let document = try answer.json
            await history.know(customer: document["customer_id"].string)
            switch answer.status {
            case 201, 202:
                let id = try #require(document["id"].string)
                guard try await isPlaced(id, answer.status) else {
                    await history.add(.init(id: id, sku: sku, isPlaced: false))
                    return await history.addRejected(
                        sku, units: units, client: number, begin: begin, end: StockHistory.now())
                }
                await history.add(.init(id: id, sku: sku, isPlaced: true))
                outcome = .done
            case 409 where document["code"] == .string("insufficient_stock"): outcome = .tooFew
            case 503:
                // No payment could be tried. The request is open still.
                await history.add(.init(id: try #require(document["order_id"].string), sku: sku, isPlaced: false))
                await history.addRejected(sku, units: units, client: number, begin: begin, end: StockHistory.now())
                try await pause()
                continue
            default: throw Unexpected(request: "\(units) of \(sku)", answer: answer)
            }
            break
        }
        await add(sku, .order(units: units), outcome, begin)
    }

    /// Whether an order whose payment was not known at first was paid in the end.
    private mutating func isPlaced(_ id: String, _ status: Int) async throws
        -> Bool
    {
        guard status == 202 else { return true }
        while case .answer(let answer) = try await ask(.GET, "/orders/\(id)") {
            let state = try answer.json["status"].string
            if state != "PLACED" { return state != "REJECTED" }
            try await pause()
        }
        return true
    }

    private mutating func receive(_ units: Int, of sku: String, key: String) async throws {
        let begin = StockHistory.now()
        let told = try await ask(
            .POST, "/inventory/\(sku)/receive", key: key, body: #"{"quantity":\#(units)}"#)
        if case .answer(let answer) = told, answer.status != 200 {
            throw Unexpected(request: "\(units) for \(sku)", answer: answer)
        }
        var outcome: StockModel.Outcome?
        if case .answer = told { outcome = .done }
        await add(sku, .receive(units: units), outcome, begin)
    }

    private mutating func read(_ sku: String) async throws {
        let begin = StockHistory.now()
        guard case .answer(let answer) = try await ask(.GET, "/inventory/\(sku)") else { return }
        guard answer.status == 200, let available = try answer.json["available"].integer else {
            throw Unexpected(request: "the stock of \(sku)", answer: answer)
        }
        await add(sku, .read, .available(Int(available)), begin)
    }

    private func add(
        _ sku: String, _ operation: StockModel.Operation, _ outcome: StockModel.Outcome?, _ begin: UInt64
    ) async {
        await history.add(
            sku,
            .init(client: number, operation: operation, outcome: outcome, begin: begin, end: StockHistory.now()))
    }

    // MARK: - Asking

    struct Unexpected: Error { let request: String; let answer: Answer }

    /// Asks one node after another until one answers for good.
    private mutating func ask(
        _ method: Answer.Method, _ path: String, key: String? = nil, body: String? = nil
    ) async throws -> Told {
        while await !isOver {
            let node = cluster.nodes.randomElement(using: &generator)!
            let answer = try? await Answer.of(
                method, "\(node.url)/api/v1\(path)", token: await cluster.token, key: key, body: body,
                within: Self.attemptLimit)
            if let answer {
                if answer.status == 401 {
                    try? await cluster.logIn()
                } else if try isForGood(answer) {
                    return .answer(answer)
                }
            }
            try await pause()
        }
        return .nothing
    }

    private var isOver: Bool {
        get async { await stop.since.map { ContinuousClock.now - $0 > patience } ?? false }
    }

    /// Overload, a node without a leader, a limit, or a request under the same key that is under way are not.
    private func isForGood(_ answer: Answer) throws -> Bool {
        switch answer.status {
        case 408, 429, 500, 502, 504: return false
        case 503: return try answer.json["order_id"] != .null
        case 409: return try answer.json["code"] == .string("insufficient_stock")
        default: return true
        }
    }

    private mutating func pause() async throws {
        try await Task.sleep(for: .milliseconds(Int.random(in: Self.pauseMilliseconds, using: &generator)))
    }
}
