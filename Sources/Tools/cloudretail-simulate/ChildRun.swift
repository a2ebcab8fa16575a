import Foundation
import Simulation

/// Seeds run by a process of their own, which may end before they do: a node that finds out itself that it cannot go on
/// stops its process.
struct ChildRun {
    /// By seed, of those that were finished.
    let fingerprints: [UInt64: String]
    /// Nil when the process stopped early.
    let summary: Summary?
    /// What it said as it stopped.
    let lastWords: String

    init(_ range: SeedRange, _ world: WorldOptions, _ more: [String] = []) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments =
            ["--seeds", "\(range.from)..\(range.to)", "--fingerprints", "--json"] + world.arguments + more
        process.environment = ProcessInfo.processInfo.environment.merging(["SWIFT_BACKTRACE": "enable=no"]) { $1 }
        let (output, errors) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = errors
        do {
            try process.run()
        } catch {
            (fingerprints, summary, lastWords) = ([:], nil, "\(error)")
            return
        }
        // It says little there, and nothing before its end.
        let told = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        let complaints = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        var fingerprints: [UInt64: String] = [:]
        for line in told.split(separator: "\n") where line.hasPrefix("seed ") {
            let words = line.split(separator: " ")
            if let seed = UInt64(words[1]) { fingerprints[seed] = String(words[3]) }
        }
        self.fingerprints = fingerprints
        summary = told.firstIndex(of: "{").flatMap { Summary(json: String(told[$0...])) }
        let lines = complaints.split(separator: "\n")
        lastWords = String(lines.first { $0.contains("Fatal error") } ?? lines.last ?? "it stopped")
    }
}
