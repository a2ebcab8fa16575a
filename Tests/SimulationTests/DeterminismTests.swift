import Testing

@testable import Simulation

@Suite("Runs")
struct RunTests {
    @Test("The same seed gives the same run, event for event", arguments: [UInt64](1...4))
    func sameSeed(seed: UInt64) {
        let first = Simulator.run(Settings(seed: seed))
        let second = Simulator.run(Settings(seed: seed))
        #expect(first.fingerprint == second.fingerprint && first.events == second.events)
    }
}
