import ActorSystem
import Catalogue
import Commerce

/// Puts the assortment into the catalogue, and goes on changing prices there. What an order costs rests on none of it:
/// a simulated checkout knows its prices by heart. The views of the nodes have something to follow.
struct Merchant: Role {
    private static let changes = 4...24
    private static let pause = (Duration.milliseconds(50), Duration.seconds(2))

    let client: Client

    func play() async {
        for sku in Assortment.skus {
            guard let entry = Assortment.entry(of: sku) else { preconditionFailure("\(sku) is part of the assortment") }
            let details = Product.Details(
                title: "\(sku)", variants: [Variant(sku: sku, price: entry.price)])
            guard await change(CreateProduct(entry.product, details)) else { return }
        }
        for _ in 0..<client.random.within(Self.changes) {
            guard await client.pause(Self.pause.0, Self.pause.1) else { return }
            let sku = client.random.pick(Assortment.skus)
            guard let product = Assortment.entry(of: sku)?.product else { return }
            let price = Money(amount: Int64(client.random.within(1...1_000)), currency: .gbp)
            guard await change(ChangeProduct(product, .setPrice(sku, price))) else { return }
        }
    }

    /// Asks until it is answered; what stands already is not done again.
    ///
    /// - Returns: false when the run is over.
    private func change<Step: ShardStep>(_ step: Step) async -> Bool {
        while true {
            let reply = await client.ask { shop in try await shop.shards.run(step, at: shop.clock()) }
            if case .answered = reply { return true }
            guard await client.pauseBriefly() else { return false }
        }
    }
}
