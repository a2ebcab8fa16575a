import Consensus
import ConsensusTesting
import EventSourcing
import Testing

@testable import Simulation

@Suite("The simulated ports")
struct PortTests {
    @Test("The store does what every log store has to do")
    func store() throws {
        try LogStoreSuite(
            make: { SimulatedStore(SimulatedDisk(shards: 5, seed: 7)) }, reopen: { SimulatedStore($0.disk) }
        ).runAll()
    }

    @Test("The store does with states what every store has to do")
    func states() throws {
        try ShardStoreSuite(
            make: { SimulatedStore(SimulatedDisk(shards: 5, seed: 7)) }, reopen: { SimulatedStore($0.disk) },
            perform: { try $0.write($1) }, log: { $0.reader(of: GroupID($1.rawValue)) },
            states: { SimulatedStates(disk: $0.disk, shard: $1) }
        ).runAll()
    }

    @Test("The network does what every network has to do")
    func network() async throws {
        try await PeerNetworkSuite<SimulatedPeerNetwork> {
            var settings = Settings(seed: 1)
            settings.profile = .liveness
            let world = World(settings)
            return .init(
                endpoint: { world.network.endpoint($0) },
                setCut: { world.network.setCut($0, from: $1, to: $2) },
                settle: {
                    world.network.dispatch()
                    while world.step() {}
                })
        }.runAll()
    }
}
