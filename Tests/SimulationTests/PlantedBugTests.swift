import Consensus
import EventSourcing
import Foundation
import Testing

@testable import Simulation

/// A checker is believed once it has seen a bug. `tools/simulate --planted-bugs` hunts all of them.
@Suite("Planted bugs")
struct PlantedBugTests {
    /// Those that no process stops for, and with how many seeds they are caught.
    static let quick: [(PlantedBug, seeds: UInt64)] = [
    ]

    @Test("are caught", arguments: quick)
    func caught(bug: PlantedBug, seeds: UInt64) {
        var settings = Settings(seed: 0)
        settings.bugs = [bug]
        let isCaught = (1...seeds).contains { seed in
            settings.seed = seed
            return Simulator.run(settings).violation != nil
        }
        #expect(isCaught)
    }

    @Test("have one name each")
    func names() {
        #expect(Set(PlantedBug.allCases).count == PlantedBug.allCases.count)
        #expect(PlantedBug.allCases.count >= 25)
        #expect(PlantedBug(rawValue: "no such bug") == nil)
    }
}
