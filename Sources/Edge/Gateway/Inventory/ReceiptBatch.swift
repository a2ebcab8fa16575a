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
        let lines = try Self.decode(document)
        let receipts = try await receipts(of: lines.compactMap { try? $0.get() })
        if let senderKey {
            let sender = try principal.customerID
            _ = try await shop.run(ClaimReceipts(senderKey.step(on: sender.slot)), by: principal.actor)
        }
        var outcomes = [ReceiptOutcome?](repeating: nil, count: receipts.count)
        var isReplay = !receipts.isEmpty
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
        var json = JSONWriter(capacity: 128 * lines.count)
        json.object { json in
            json.array("results") { json in
                var rest = outcomes[...]
                for (position, line) in lines.enumerated() {
                    let pointer = "/receipts/\(position)"
                    switch line {
                    case .failure(let errors): json.result(errors.problem, at: pointer)
                    case .success: rest.popFirst()??.write(to: &json, at: pointer)
                    }
                }
            }
        }
        return Response(headers: isReplay ? [.idempotentReplayed: "true"] : [:], json: json)
    }

    private static func decode(_ document: JSONDocument) throws(Problem) -> [Result<Line, FieldErrors>] {
        try document.batch("receipts", countMax: ReceiveStock.receiptsMax).map { element in
            Result { () throws(FieldErrors) in
                try element.decode { item -> Line? in
                    let sku = item.value("sku", length: 1...SKU.lengthMax, FieldForm.sku) { SKU($0) }
                    let units = item.units("quantity", from: 1)
                    let reference = item.optionalString("reference", length: 0...Stock.referenceLengthMax)
                    let isInitial = item.optionalBoolean("initial")
                    guard let sku, let units else { return nil }
                    return Line(sku: sku, units: units, reference: reference, isInitial: isInitial ?? false)
                }
            }
        }
    }

    private func receipts(of lines: [Line]) async throws -> [ReceiveStock.Receipt] {
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
    /// - Parameter pointer: to the receipt in the request.
    fileprivate func write(to json: inout JSONWriter, at pointer: String) {
        switch self {
        case .received(let count):
            json.object { json in
                json.field("status", 200)
                json.key("inventory")
                json.value(count)
            }
        case .refused(let refusal): json.result(refusal.problem, at: pointer)
        case .document(let text): json.raw(text)
        }
    }
}
