import EventSourcing
import Foundation
import Testing

@testable import Simulation

/// Whole clusters under every fault. `SEEDS` runs so many of them, `SEED` one; `tools/simulate` runs thousands.
@Suite("Simulated clusters")
struct SeedTests {
    private static let seeds: ClosedRange<UInt64> = {
        let environment = ProcessInfo.processInfo.environment
        if let seed = environment["SEED"].flatMap(UInt64.init) { return seed...seed }
        return 1...(environment["SEEDS"].flatMap(UInt64.init) ?? 100)
    }()

    @Test("keep every promise, and come to their end once faults do", arguments: [0, 1])
    func promises(half: UInt64) {
        for seed in Self.seeds where seed % 2 == half {
            let report = Simulator.run(Settings(seed: seed))
            if let violation = report.violation { Issue.record("seed \(seed): \(violation)") }
        }
    }

    @Test("serve everybody when nothing goes wrong", arguments: [1, 4], [3, 5])
    func liveness(shards: Int, nodes: Int) {
        var settings = Settings(seed: UInt64(shards * nodes))
        settings.profile = .liveness
        (settings.shards, settings.nodes) = (shards, nodes)
        let world = Simulator.populated(settings)
        let report = world.run()
        #expect(report.violation == nil)
        #expect(report.faults.allSatisfy { $0 == 0 })
        #expect(world.openOrders.orders.count >= 4)
    }

    @Test("show the least of what makes a seed fail")
    func minimised() throws {
        var settings = Settings(seed: 1)
        settings.bugs = [PlantedBug(EventSourcing.Mistake.orderWithoutKey)]
        let smallest = try #require(Simulator.minimise(settings))
        // It fails by itself: nothing has to go wrong.
        #expect(smallest.faults.isEmpty)
        settings.bugs = []
        #expect(Simulator.minimise(settings) == nil)
    }
}
