import ArgumentParser
import Foundation
import Simulation
import Synchronization

/// Plants one bug after the other, each in a process of its own, and counts the seeds until something notices.
struct BugTable {
    let range: SeedRange
    let world: WorldOptions
    let jobs: Int

    private struct Row {
        let bug: PlantedBug
        /// Nil when no seed showed it.
        let seeds: UInt64?
        let sign: String

        var text: String { "| \(bug.rawValue) | \(seeds.map(String.init) ?? "not caught") | \(sign.prefix(160)) |" }
    }

    func run() throws {
        let bugs = world.bug.map { [$0] } ?? PlantedBug.allCases
        let rows = Mutex(Array(repeating: Row?.none, count: bugs.count))
        let next = Mutex(0)
        DispatchQueue.concurrentPerform(iterations: jobs) { _ in
            while true {
                let place = next.withLock { next in
                    next += 1
                    return next - 1
                }
                guard place < bugs.count else { return }
                let row = hunt(bugs[place])
                rows.withLock { $0[place] = row }
            }
        }
        print("| planted | seeds | noticed by |\n|---|---|---|")
        let table = rows.withLock { $0.compactMap(\.self) }
        for row in table { print(row.text) }
        if table.contains(where: { $0.seeds == nil }) { throw ExitCode.failure }
    }

    private func hunt(_ bug: PlantedBug) -> Row {
        var world = world
        world.bug = bug
        let child = ChildRun(range, world, ["--first-failure"])
        let count = UInt64(child.fingerprints.count)
        guard let summary = child.summary else {
            return Row(bug: bug, seeds: count + 1, sign: "the process stopped: \(child.lastWords)")
        }
        return Row(
            bug: bug, seeds: summary.failures.isEmpty ? nil : count, sign: summary.failures.first?.violation ?? "")
    }
}
