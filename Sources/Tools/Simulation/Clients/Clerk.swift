import ActorSystem
import Commerce
import EventSourcing
import Schema

/// Receives goods and corrects counts, each under a key of its own, retried until it is answered.
struct Clerk: Role {
    private let client: Client
    private let name: String
    private let steps: [(sku: SKU, command: Stock.Command)]
    private let isOpening: Bool

    /// Puts the first units on the shelf.
    init(opening sku: SKU, client: Client) {
        self.client = client
        name = "open \(sku)"
        isOpening = true
        // So little that many orders come too late.
        steps = [(sku, .receive(Units(Int64(client.random.within(5...30)))!, reference: nil))]
    }

    init(number: Int, client: Client) {
        self.client = client
        name = "clerk \(number)"
        isOpening = false
        steps = (0..<client.random.within(1...5)).map { _ in
            let sku = client.random.pick(Assortment.skus)
            let units = Int64(client.random.within(1...4))
            return client.random.chance(0.5)
                ? (sku, .receive(Units(units)!, reference: nil)) : (sku, .adjust(delta: -units, reason: .count))
        }
    }

    func play() async {
        for (position, step) in steps.enumerated() {
            guard await client.pause(.zero, isOpening ? .zero : .seconds(6)) else { return }
            let key = Client.digest("\(name), \(position)")
            while await !perform(step.command, on: step.sku, key) {
                guard await client.pauseBriefly() else { return }
            }
        }
    }

    private enum Outcome: Sendable {
        case done(Versioned<Stock>)
        case replay
    }

    /// - Returns: whether it was answered.
    private func perform(_ command: Stock.Command, on sku: SKU, _ key: Digest256) async -> Bool {
        let asked = client.witness.ask()
        let id = IdempotencyKeyID(slot: sku.slot, digest: key)
        let reply = await client.ask { shop in
            try await shop.shards.execute(on: sku.slot, at: shop.clock()) { batch throws(Stock.Refusal) in
                // As the gateway does it: effect and key in one record.
                if batch.read(IdempotencyKey.self, id).state.standing(at: batch.now) != nil { return Outcome.replay }
                try batch.decide(Stock.self, sku, command)
                let claim = IdempotencyKey.Command.claim(
                    fingerprint: key, subject: .answer(status: 204, location: nil, body: []),
                    expiresAt: batch.now + .seconds(24 * 3_600))
                do throws(IdempotencyKey.Refusal) {
                    try batch.decide(IdempotencyKey.self, id, claim)
                } catch {
                    preconditionFailure("a key that does not stand refused: \(error)")
                }
                return .done(batch.read(Stock.self, sku))
            }
        }
        switch reply {
        case .answered(.success(.done(let stock))):
            client.witness.told(stock, asked)
            return true
        case .answered(.success(.replay)): return true
        case .answered(.failure(let refusal)):
            client.witness.refused(sku, command, refusal, asked)
            return true
        case .failed, .lost: return false
        }
    }
}
