import ActorSystem
import Commerce
import EventSourcing

/// Claims a few keys again and again, each for a second or two: what may be forgotten begins anew while some nodes have
/// forgotten it and others have not.
struct Lodger: Role {
    private static let keys = 4
    private static let claims = 24
    private static let stay = (Duration.milliseconds(200), Duration.seconds(2))
    private static let pause = (Duration.milliseconds(50), Duration.milliseconds(800))

    let client: Client

    func play() async {
        for number in 0..<Self.claims {
            guard await client.pause(Self.pause.0, Self.pause.1) else { return }
            await claim(number)
        }
    }

    /// One try: what became of it is for the judges of the log to say.
    private func claim(_ number: Int) async {
        let sku = Assortment.skus[number % min(Self.keys, Assortment.skus.count)]
        let id = IdempotencyKeyID(slot: sku.slot, digest: Client.digest("lodging at \(sku)"))
        let fingerprint = Client.digest("lodger \(number)")
        let stay = client.random.duration(Self.stay.0, Self.stay.1)
        let step = ClaimKey(id: id, fingerprint: fingerprint, stay: stay)
        _ = await client.ask { shop in try await shop.shards.run(step, at: shop.clock()) }
    }
}
