import Foundation
import Simulation

/// What many runs showed, and how fast.
struct Summary {
    private let totals: Totals
    private let wall: Duration
    private let cpu: Duration

    init(_ totals: Totals, wall: Duration, cpu: Duration) {
        self.totals = totals
        self.wall = wall
        self.cpu = cpu
    }

    private var virtualSeconds: Double { totals.elapsed / .seconds(1) }
    private var speed: Double { totals.elapsed / max(cpu, .nanoseconds(1)) }
    private var seedsPerHour: Double { Double(totals.seeds) / max(cpu / .seconds(3_600), 1e-9) }

    var text: String {
        let faults = zip(FaultKind.allCases, totals.faults).map { "\($0.rawValue) \($1)" }.joined(separator: ", ")
        return """
            \(totals.seeds) seeds, \(totals.events) events, \(Int(virtualSeconds)) s of virtual time, \(totals.failures.count) failures
            faults: \(faults)
            \(Int(speed)) times as fast as real time, \(Int(seedsPerHour)) seeds per hour of CPU, \
            \(Int(Double(totals.events) / max(cpu / .seconds(1), 1e-9))) events per second of CPU, \(String(format: "%.1f", wall / .seconds(1))) s
            """
    }

    func json() throws -> String {
        struct Failure: Encodable {
            let seed: UInt64
            let violation: String
        }
        struct Form: Encodable {
            let seeds: Int
            let events: Int
            let virtualSeconds: Double
            let faults: [String: Int]
            let failures: [Failure]
            let cpuSeconds: Double
            let wallSeconds: Double
            let timesRealTime: Double
            let seedsPerCpuHour: Double
        }
        let form = Form(
            seeds: totals.seeds, events: totals.events, virtualSeconds: virtualSeconds,
            faults: Dictionary(uniqueKeysWithValues: zip(FaultKind.allCases.map(\.rawValue), totals.faults)),
            failures: totals.failures.map { Failure(seed: $0.seed, violation: "\($0.violation!)") },
            cpuSeconds: cpu / .seconds(1), wallSeconds: wall / .seconds(1), timesRealTime: speed,
            seedsPerCpuHour: seedsPerHour)
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        return String(decoding: try encoder.encode(form), as: UTF8.self)
    }
}
