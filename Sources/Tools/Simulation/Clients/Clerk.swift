import ActorSystem
import Commerce
import EventSourcing
import Inventory
import Steps

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

    /// - Returns: whether it was answered.
    private func perform(_ command: Stock.Command, on sku: SKU, _ key: Digest256) async -> Bool {
        let asked = client.witness.ask()
        let id = IdempotencyKeyID(slot: sku.slot, digest: key)
        let step = ChangeStock(sku, command, key: StepKey(id: id, fingerprint: key))
        let reply = await client.ask { shop in try await shop.shards.run(step, at: shop.clock()) }
        switch reply {
        case .answered(.success(.changed(let count, isRepeated: false))):
            client.witness.told(count, asked)
            return true
        case .answered(.success(.changed)): return true
        case .answered(.success(.document)):
            client.world.violate("a change of \(sku) was answered with what no step keeps")
            return true
        case .answered(.failure(.stock(let refusal))):
            client.witness.refused(sku, command, refusal, asked)
            return true
        case .answered(.failure(let refusal)):
            client.world.violate("a change of \(sku) was refused: \(refusal)")
            return true
        case .failed, .lost: return false
        }
    }
}
