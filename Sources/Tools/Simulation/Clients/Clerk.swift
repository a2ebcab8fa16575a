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
            let digest = Client.digest("\(name), \(position)")
            let key = StepKey(id: IdempotencyKeyID(slot: step.sku.slot, digest: digest), fingerprint: digest)
            let first = client.witness.ask()
            while await !perform(step.command, on: step.sku, key, first) {
                guard await client.pauseBriefly() else { return }
            }
        }
    }

    /// Goods that come later come with a delivery note, though with one line only.
    ///
    /// - Parameter first: what was known before the first try: a refusal may be one that the key has kept since.
    /// - Returns: whether it was answered.
    private func perform(_ command: Stock.Command, on sku: SKU, _ key: StepKey, _ first: Witness.Asked) async -> Bool {
        if !isOpening, case .receive(let units, let reference) = command {
            return await receive(
                ReceiveStock.Receipt(sku, units, reference: reference, isInitial: false, requiresStock: false), key)
        }
        return await change(sku, command, key, first)
    }

    private func receive(_ receipt: ReceiveStock.Receipt, _ key: StepKey) async -> Bool {
        let asked = client.witness.ask()
        let step = ReceiveStock([receipt], on: receipt.sku.slot, key: key)
        let reply = await client.ask { shop in try await shop.shards.run(step, at: shop.clock()) }
        guard case .answered(let result) = reply else { return false }
        switch result.map({ ($0.outcomes.first, $0.isRepeated) }) {
        case .success((.received(let count)?, false)): client.witness.told(count, asked)
        case .success((.received?, true)): break
        case .success((.refused(.stock(let refusal))?, false)):
            client.witness.refused(
                receipt.sku, .receive(receipt.units, reference: receipt.reference), refusal, asked)
        case .success((.refused(.stock)?, true)): break
        default: client.world.violate("a receipt of \(receipt.sku) was answered with \(result)")
        }
        return true
    }

    private func change(_ sku: SKU, _ command: Stock.Command, _ key: StepKey, _ first: Witness.Asked) async -> Bool {
        let asked = client.witness.ask()
        let step = ChangeStock(sku, command, key: key)
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
            client.witness.refused(sku, command, refusal, first)
            return true
        case .answered(.failure(let refusal)):
            client.world.violate("a change of \(sku) was refused: \(refusal)")
            return true
        case .failed, .lost: return false
        }
    }
}
