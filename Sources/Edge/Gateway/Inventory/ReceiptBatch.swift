import ActorSystem
import Commerce
import EventSourcing
import HTTPTypes
import Hummingbird
import NIOCore
import Schema

/// `POST /inventory/batch`: receives many SKUs at once; each line stands for itself.
///
/// The lines of one shard are one record, with the idempotency key beside them. A retry after a crash between two
/// shards finds what has been done and does the rest. The key itself is claimed at its sender before all of them.
struct ReceiptBatch: Sendable {
    let shop: Shop

    /// As many lines as a warehouse's delivery note has.
    private static let receiptsMax = 1_000

    private struct Receipt: Sendable {
        /// In the request.
        var position = 0
        let sku: SKU
        let units: Units
        let reference: String?
        /// Taken only by a SKU whose stock has never moved: the same receipt twice is one.
        let isInitial: Bool
    }

    func receive(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let document = try await request.document(context)
        let principal = try context.requirePrincipal()
        let scope = "POST /inventory/batch"
        let key = try RequestKey(request, scope: scope, principal: principal, body: document.bytes)
        let senderKey = try RequestKey(request, scope: scope + " whole", principal: principal, body: document.bytes)
        var receipts = try document.decode { body in
            body.objects("receipts", count: 1...Self.receiptsMax) { item -> Receipt? in
                let sku = item.value("sku", length: 1...SKU.lengthMax, "must be a SKU") { SKU($0) }
                let units = item.units("quantity", from: 1)
                let reference = item.optionalString("reference", length: 0...Stock.referenceLengthMax)
                let isInitial = item.optionalBoolean("initial")
                guard let sku, let units else { return nil }
                return Receipt(sku: sku, units: units, reference: reference, isInitial: isInitial ?? false)
            }
        }
        for position in receipts.indices { receipts[position].position = position }
        let numbered = receipts
        if let senderKey { try await claim(senderKey, by: principal.customerID) }
        var results = [[UInt8]](repeating: [], count: numbered.count)
        var isReplay = true
        for shard in shop.shards.shards {
            let mine = numbered.indices.filter { shop.shards[numbered[$0].sku.slot].id == shard.id }
            guard !mine.isEmpty else { continue }
            let answer = try await receive(mine.map { numbered[$0] }, on: shard, key, by: principal.actor)
            isReplay = isReplay && answer.isReplay
            for (position, line) in zip(mine, answer.body.split(separator: Self.separator)) {
                results[position] = Array(line)
            }
        }
        var json = JSONWriter(capacity: 128 * results.count)
        json.object { json in
            json.array("results") { json in for result in results { json.raw(result) } }
        }
        return Response(headers: isReplay ? [.idempotentReplayed: "true"] : [:], json: json)
    }

    /// Ties the key to its sender and to the whole request: the lines alone would say on which shards it is known.
    private func claim(_ key: RequestKey, by sender: CustomerID) async throws {
        _ = try await shop.execute(on: sender.slot, by: ActorID(sender)) { batch throws(KeyedRefusal<Never>) in
            try batch.once(key, on: sender.slot) { (_) throws(Never) in
                IdempotentAnswer(status: .ok, body: [], summary: [])
            }
        }
    }

    /// Between the kept results; our JSON has no line ends.
    private static let separator = UInt8(ascii: "\n")

    /// Receives what lives on one shard.
    ///
    /// - Returns: one JSON text a line.
    private func receive(
        _ receipts: [Receipt], on shard: Shard, _ key: RequestKey?, by actor: ActorID
    ) async throws -> IdempotentAnswer {
        let known = shop.prices.entries(of: receipts.map(\.sku)).map { $0 != nil }
        // The slots that belong to shard n begin with slot n.
        let slot = Slot(shard.id.rawValue)
        return try await shop.execute(on: slot, by: actor) { batch throws(KeyedRefusal<Never>) in
            let again = { @Sendable (batch: Batch, kept: IdempotentAnswer) in Self.again(receipts, kept, in: batch) }
            return try batch.once(key, on: slot, again: again) { batch throws(Never) in
                var lines: [[UInt8]] = []
                var kept: [[UInt8]] = []
                var statuses: [[UInt8]] = []
                for (receipt, isInCatalogue) in zip(receipts, known) {
                    let result = Self.receive(receipt, isInCatalogue, in: batch)
                    let line = Self.json(result)
                    let status = Self.json(status: result)
                    lines.append(line)
                    statuses.append(status)
                    if case .success = result { kept.append(status) } else { kept.append(line) }
                }
                let isSmall = kept.reduce(kept.count) { $0 + $1.count } <= IdempotencyKey.answerBytesMax
                var answer = IdempotentAnswer(
                    status: .ok, body: Self.joined(lines), summary: Self.joined(isSmall ? kept : statuses))
                answer.keepsSummary = true
                return answer
            }
        }
    }

    private static func joined(_ lines: [[UInt8]]) -> [UInt8] { Array(lines.joined(separator: [separator])) }

    private static func receive(
        _ receipt: Receipt, _ isInCatalogue: Bool, in batch: Batch
    ) -> Result<Versioned<Stock>, Problem> {
        let before = batch.read(Stock.self, receipt.sku)
        guard isInCatalogue || before.exists else { return .failure(.unknownSKU) }
        if receipt.isInitial, before.exists {
            return .failure(
                Problem(.stockChanged, "The stock of this SKU has moved before.") { json in
                    json.field("on_hand", before.state.onHand.rawValue)
                })
        }
        do throws(Stock.Refusal) {
            try batch.decide(Stock.self, receipt.sku, .receive(receipt.units, reference: receipt.reference))
        } catch {
            return .failure(error.problem.below("/receipts/\(receipt.position)"))
        }
        return .success(batch.read(Stock.self, receipt.sku))
    }

    private static func json(_ result: Result<Versioned<Stock>, Problem>) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            switch result {
            case .success(let stock):
                json.field("status", 200)
                json.key("inventory")
                json.value(stock)
            case .failure(let problem):
                json.field("status", problem.code.status.code)
                json.key("problem")
                json.raw(problem.document(requestID: nil))
            }
        }
        return json.bytes
    }

    /// The answer to a retry: the status of each line was kept, and the stock is as it now is.
    private static func again(_ receipts: [Receipt], _ kept: IdempotentAnswer, in batch: Batch) -> IdempotentAnswer {
        var answer = kept
        let received = json(status: .success(()))
        let lines = zip(receipts, kept.body.split(separator: separator)).map { receipt, line in
            Array(line) == received ? json(.success(batch.read(Stock.self, receipt.sku))) : Array(line)
        }
        answer.body = joined(lines)
        return answer
    }

    /// What is kept of a line that was received, and of every line where the refusals are too large to be kept.
    private static func json<Value>(status result: Result<Value, Problem>) -> [UInt8] {
        var json = JSONWriter(capacity: 16)
        json.object { json in
            switch result {
            case .success: json.field("status", 200)
            case .failure(let problem): json.field("status", problem.code.status.code)
            }
        }
        return json.bytes
    }
}
