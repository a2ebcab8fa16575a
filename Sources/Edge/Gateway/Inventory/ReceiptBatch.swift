import ActorSystem
import Commerce
import EventSourcing
import HTTPTypes
import Hummingbird
import Inventory
import Steps

/// `POST /inventory/batch`: receives many SKUs at once; each line stands for itself.
///
/// The lines of one shard are one record, with the idempotency key beside them. A retry after a crash between two
/// shards finds what has been done and does the rest. The key itself is claimed at its sender before all of them.
struct ReceiptBatch: Sendable {
    let shop: Shop

    func receive(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let document = try await request.document(context)
        let principal = try context.requirePrincipal()
        let scope = "POST /inventory/batch"
        let key = try RequestKey(request, scope: scope, principal: principal, body: document.bytes)
        let senderKey = try RequestKey(request, scope: scope + " whole", principal: principal, body: document.bytes)
        let receipts = try await decode(document)
        if let senderKey {
            let sender = try principal.customerID
            _ = try await shop.run(ClaimReceipts(senderKey.step(on: sender.slot)), by: principal.actor)
        }
        var outcomes = [ReceiptOutcome?](repeating: nil, count: receipts.count)
        var isReplay = true
        for shard in shop.shards.shards {
            let mine = receipts.indices.filter { shop.shards[receipts[$0].sku.slot].id == shard.id }
            guard !mine.isEmpty else { continue }
            // The slots that belong to shard n begin with slot n.
            let slot = Slot(shard.id.rawValue)
            let step = ReceiveStock(mine.map { receipts[$0] }, on: slot, key: key?.step(on: slot))
            let answer = try await shop.run(step, by: principal.actor)
            isReplay = isReplay && answer.isRepeated
            for (position, outcome) in zip(mine, answer.outcomes) { outcomes[position] = outcome }
        }
        var json = JSONWriter(capacity: 128 * receipts.count)
        json.object { json in
            json.array("results") { json in
                for (position, outcome) in outcomes.enumerated() { outcome?.write(to: &json, at: position) }
            }
        }
        return Response(headers: isReplay ? [.idempotentReplayed: "true"] : [:], json: json)
    }

    private func decode(_ document: JSONDocument) async throws -> [ReceiveStock.Receipt] {
        let lines = try document.decode { body in
            body.objects("receipts", count: 1...ReceiveStock.receiptsMax) { item -> Line? in
                let sku = item.value("sku", length: 1...SKU.lengthMax, FieldForm.sku) { SKU($0) }
                let units = item.units("quantity", from: 1)
                let reference = item.optionalString("reference", length: 0...Stock.referenceLengthMax)
                let isInitial = item.optionalBoolean("initial")
                guard let sku, let units else { return nil }
                return Line(sku: sku, units: units, reference: reference, isInitial: isInitial ?? false)
            }
        }
        try await shop.priceFollower.catchUp()
        return zip(lines, shop.prices.entries(of: lines.map(\.sku))).map { line, entry in
            ReceiveStock.Receipt(
                line.sku, line.units, reference: line.reference, isInitial: line.isInitial, requiresStock: entry == nil)
        }
    }

    /// A receipt as the request says it.
    private struct Line {
        let sku: SKU
        let units: Units
        let reference: String?
        let isInitial: Bool
    }
}

extension ReceiptOutcome {
    /// - Parameter position: of the receipt in the request.
    fileprivate func write(to json: inout JSONWriter, at position: Int) {
        switch self {
        case .received(let count):
            json.object { json in
                json.field("status", 200)
                json.key("inventory")
                json.value(count)
            }
        case .refused(let refusal):
            let problem = refusal.problem.below("/receipts/\(position)")
            json.object { json in
                json.field("status", problem.code.status.code)
                json.key("problem")
                json.raw(problem.document(requestID: nil))
            }
        case .document(let text): json.raw(text)
        }
    }
}
