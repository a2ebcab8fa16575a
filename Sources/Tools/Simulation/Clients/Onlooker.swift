import ActorSystem
import Commerce
import EventSourcing
import Schema

/// Looks at the shelves all the time, at any node, and must never see an older shelf than any client has seen before.
struct Onlooker: Role {
    let client: Client

    func play() async {
        for _ in 0..<client.random.within(5...20) {
            guard await client.pause(.milliseconds(10), .seconds(2)) else { return }
            let sku = client.random.pick(Assortment.skus)
            let asked = client.witness.ask()
            let reply = await client.ask { shop in try await shop.shards.read(Stock.self, sku) }
            if case .answered(let stock) = reply { client.witness.told(stock, asked) }
        }
    }
}
