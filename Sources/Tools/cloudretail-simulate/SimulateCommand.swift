import ArgumentParser
import Foundation
import Simulation

@main
struct SimulateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cloudretail-simulate",
        abstract: "Runs whole clusters in one thread, on virtual time, each from one seed.",
        discussion: "Exits with 1 when a promise was broken, and prints the line that breaks it again.")

    @Option(help: "The only seed to run.")
    var seed: UInt64?

    @Option(help: "The seeds to run, as FROM..TO, both included.")
    var seeds: SeedRange?

    @OptionGroup var world: WorldOptions

    @Flag(help: "Print every event.")
    var trace = false

    @Flag(help: "Print the fingerprint of every run: the same seed has the same one in every process.")
    var fingerprints = false

    @Flag(help: "Print the report as JSON.")
    var json = false

    @Flag(help: "Stop at the first failure, and do not look for the smallest set of faults.")
    var firstFailure = false

    @Option(help: "Processes to run at once. They also run every hundredth seed again, to compare its fingerprint.")
    var jobs: Int?

    @Flag(help: "Plant one bug after the other, and print how many seeds it took to catch it.")
    var plantedBugs = false

    func validate() throws {
        if seed != nil, seeds != nil { throw ValidationError("--seed or --seeds, not both.") }
        if let jobs, !(1...64).contains(jobs) { throw ValidationError("--jobs is 1 to 64.") }
        if jobs != nil, !plantedBugs, firstFailure || trace || fingerprints {
            throw ValidationError("--first-failure, --trace and --fingerprints are for one process: leave out --jobs.")
        }
    }

    func run() throws {
        let range = seeds ?? seed.map { SeedRange(from: $0, to: $0) } ?? SeedRange(from: 1, to: 100)
        if plantedBugs { return try BugTable(range: range, world: world, jobs: jobs ?? 1).run() }
        let summary: Summary
        if let jobs {
            summary = Foreman(range: range, world: world).run(jobs: jobs)
        } else {
            summary = runHere(range)
        }
        print(json ? try summary.json() : summary.text)
        if !summary.failures.isEmpty { throw ExitCode.failure }
    }

    private func runHere(_ range: SeedRange) -> Summary {
        var summary = Summary()
        let began = (wall: ContinuousClock.now, cpu: Self.cpuSeconds())
        for seed in range.from...range.to {
            let report = Simulator.run(settings(seed))
            summary.add(report)
            if fingerprints {
                print("seed \(seed) fingerprint \(report.fingerprint)")
                // A person who reads along wants to know how far this came, whatever becomes of the next seed.
                fflush(nil)
            }
            guard let violation = report.violation, !failsWithoutBug(seed) else { continue }
            summary.add(failure(report, violation))
            if firstFailure { break }
        }
        summary.cpuSeconds = Self.cpuSeconds() - began.cpu
        summary.wallSeconds = began.wall.duration(to: .now) / .seconds(1)
        return summary
    }

    /// Whether the planted bug is not what makes this seed fail.
    private func failsWithoutBug(_ seed: UInt64) -> Bool {
        guard world.bug != nil else { return false }
        var honest = settings(seed)
        honest.bugs = []
        return Simulator.run(honest).violation != nil
    }

    private func settings(_ seed: UInt64) -> Settings {
        var settings = world.settings(seed: seed)
        if trace { settings.trace = { print($0) } }
        return settings
    }

    /// Tells of a failure at once, with the smallest set of faults that makes it.
    private func failure(_ report: Report, _ violation: Violation) -> Summary.Failure {
        var (message, rerun) = ("\(violation)", world.rerun(seed: report.seed, faults: nil))
        if !firstFailure, !trace, let smallest = Simulator.minimise(settings(report.seed)) {
            message += "; at its smallest \(smallest.report.violation!)"
            rerun = world.rerun(seed: report.seed, faults: smallest.faults)
        }
        let failure = Summary.Failure(seed: report.seed, violation: message, rerun: rerun)
        FileHandle.standardError.write(Data((failure.text + "\n").utf8))
        return failure
    }

    private static func cpuSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}

/// `FROM..TO`.
struct SeedRange: ExpressibleByArgument {
    let from: UInt64
    let to: UInt64

    init(from: UInt64, to: UInt64) { (self.from, self.to) = (from, to) }

    init?(argument: String) {
        let ends = argument.components(separatedBy: "..").compactMap(UInt64.init)
        guard ends.count == 2, ends[0] <= ends[1], ends[1] < .max else { return nil }
        (from, to) = (ends[0], ends[1])
    }
}
