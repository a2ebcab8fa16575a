import ArgumentParser
import Foundation
import Simulation

/// Plants one bug after the other and counts the seeds until a checker sees it.
///
/// Each bug has a process of its own: a node that finds out itself that it cannot go on stops its process, and that counts
/// as caught.
struct BugTable {
    let range: SeedRange
    let world: WorldOptions

    func run() throws {
        var isComplete = true
        for bug in world.bug.map({ [$0] }) ?? PlantedBug.allCases {
            let (seeds, sign) = try hunt(bug)
            print("| \(bug.rawValue) | \(seeds.map(String.init) ?? "not caught") | \(sign) |")
            fflush(nil)
            if seeds == nil { isComplete = false }
        }
        if !isComplete { throw ExitCode.failure }
    }

    /// - Returns: the number of seeds it took; nil when none showed it. And what showed it.
    private func hunt(_ bug: PlantedBug) throws -> (seeds: UInt64?, sign: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = [
            "--bug", bug.rawValue, "--seeds", "\(range.from)..\(range.to)", "--first-failure", "--fingerprints",
            "--profile", world.profile.rawValue,
        ]
        let (output, errors) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        let lines = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        let complaints = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        let finished = UInt64(lines.split(separator: "\n").count { $0.hasPrefix("seed ") })
        if process.terminationReason == .uncaughtSignal {
            let reason = complaints.split(separator: "\n").first { $0.contains("Fatal error") } ?? "it crashed"
            return (finished + 1, "the process stopped: \(reason)")
        }
        guard process.terminationStatus != 0 else { return (nil, "") }
        return (finished, String(complaints.split(separator: "\n").first ?? ""))
    }
}
