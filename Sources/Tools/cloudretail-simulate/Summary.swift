import Foundation
import Simulation

/// What many runs showed, and how fast.
struct Summary: Codable {
    struct Failure: Codable {
        let seed: UInt64
        let violation: String
        /// The line that runs it again.
        let rerun: String

        var text: String { "seed \(seed) failed \(violation)\nrerun: \(rerun)" }
    }

    private(set) var seeds = 0
    private(set) var events = 0
    private(set) var virtualSeconds = 0.0
    private(set) var faults: [String: Int] = [:]
    private(set) var failures: [Failure] = []
    var cpuSeconds = 0.0
    var wallSeconds = 0.0

    mutating func add(_ report: Report) {
        seeds += 1
        events += report.events
        virtualSeconds += report.elapsed / .seconds(1)
        for (kind, count) in zip(FaultKind.allCases, report.faults) { faults[kind.rawValue, default: 0] += count }
    }

    mutating func add(_ failure: Failure) { failures.append(failure) }

    mutating func add(_ other: Summary) {
        seeds += other.seeds
        events += other.events
        virtualSeconds += other.virtualSeconds
        faults.merge(other.faults, uniquingKeysWith: +)
        failures += other.failures
        cpuSeconds += other.cpuSeconds
    }

    var text: String {
        let faults = FaultKind.allCases.map { "\($0.rawValue) \(self.faults[$0.rawValue] ?? 0)" }.joined(
            separator: ", ")
        let cpu = max(cpuSeconds, 1e-9)
        return """
            \(seeds) seeds, \(events) events, \(Int(virtualSeconds)) s of virtual time, \(failures.count) failures
            faults: \(faults)
            \(Int(virtualSeconds / cpu)) times as fast as real time, \(Int(Double(seeds) * 3_600 / cpu)) seeds an hour \
            and \(Int(Double(events) / cpu)) events a second on one core; \(Int(cpuSeconds)) s of CPU in \
            \(Int(wallSeconds)) s
            """
    }

    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    init() {}

    init?(json: String) {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        guard let summary = try? decoder.decode(Self.self, from: Data(json.utf8)) else { return nil }
        self = summary
    }
}
