import Commerce
import Consensus
import EventSourcing

/// Customers, clerks, onlookers and a lodger: who they are, and what they want, is drawn from the seed.
final class Clients: SimulatedWorkload, @unchecked Sendable {
    // One thread: the world's.
    /// So many that orders meet on every SKU, and few enough that a run takes milliseconds.
    private static let customersMax = 14
    private static let clerksMax = 4
    private static let onlookersMax = 2

    let witness: Witness
    private var running = 0

    init(witness: Witness) { self.witness = witness }

    var isDone: Bool { running == 0 }

    func start(in world: World) {
        // Draws of their own: what one client does moves no other's.
        var random = world.random.split()
        for sku in Assortment.skus { spawn(Clerk(opening: sku, client: client(in: world, &random)), in: world) }
        for number in 0..<random.within(2...Self.clerksMax) {
            spawn(Clerk(number: number, client: client(in: world, &random)), in: world)
        }
        for number in 0..<random.within(4...Self.customersMax) {
            spawn(Customer(number: number, client: client(in: world, &random)), in: world)
        }
        for _ in 0..<random.within(1...Self.onlookersMax) {
            spawn(Onlooker(client: client(in: world, &random)), in: world)
        }
        spawn(Lodger(client: client(in: world, &random)), in: world)
        spawn(Merchant(client: client(in: world, &random)), in: world)
    }

    private func client(in world: World, _ random: inout Generator) -> Client {
        Client(world: world, witness: witness, random: random.split())
    }

    private func spawn(_ role: some Role, in world: World) {
        running += 1
        world.outside.spawn {
            await role.play()
            self.running -= 1
        }
    }
}

/// What one client does from the beginning of a run to its end.
protocol Role: Sendable {
    func play() async
}

/// What every client has: a way to the nodes, and no patience.
final class Client: @unchecked Sendable {
    // One thread: the world's.
    let world: World
    let witness: Witness
    var random: Generator

    init(world: World, witness: Witness, random: Generator) {
        self.world = world
        self.witness = witness
        self.random = random
    }

    /// How long a client waits for an answer before it asks again.
    private static let patience = (Duration.milliseconds(300), Duration.seconds(4))
    private static let pause = (Duration.milliseconds(20), Duration.milliseconds(600))

    /// Sends a request to `node`, or to any.
    func ask<Answer: Sendable>(
        at node: NodeID? = nil, _ body: @escaping @Sendable (SimulatedShop) async throws -> Answer
    ) async -> Reply<Answer> {
        let members = world.members
        guard !members.isEmpty else { return .lost }
        let timeout = random.duration(Self.patience.0, Self.patience.1)
        return await world.request(node ?? random.pick(members), timeout: timeout, body)
    }

    /// Waits before the next try.
    ///
    /// - Returns: false when the run is over.
    func pauseBriefly() async -> Bool { await pause(Self.pause.0, Self.pause.1) }

    func pause(_ shortest: Duration, _ longest: Duration) async -> Bool {
        do {
            try await world.outside.sleep(for: random.duration(shortest, longest))
            return true
        } catch {
            return false
        }
    }

    /// Waits until nothing goes wrong any more.
    func healed() async -> Bool {
        while !world.isHealed && world.settings.profile != .liveness {
            guard await pause(.milliseconds(500), .seconds(1)) else { return false }
        }
        return true
    }

    /// A digest that names `text`, without a cryptographic library.
    static func digest(_ text: String) -> Digest256 {
        var words: [UInt8] = []
        var state: UInt64 = 0
        for byte in text.utf8 { state = Generator.mix(state ^ UInt64(byte)) }
        var generator = Generator(seed: state)
        for _ in 0..<4 { withUnsafeBytes(of: generator.next().bigEndian) { words.append(contentsOf: $0) } }
        return Digest256(words)!
    }
}
