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

    @Option(help: "Run only seeds that are multiples of this.")
    var every: UInt64 = 1

    @OptionGroup var world: WorldOptions

    @Flag(help: "Print every event.")
    var trace = false

    @Flag(help: "Print the fingerprint of every run: the same seed has the same one in every process.")
    var fingerprints = false

    @Flag(help: "Print the report as JSON.")
    var json = false

    @Flag(help: "Stop at the first failure, and do not look for the smallest set of faults.")
    var firstFailure = false

    @Flag(help: "Plant one bug after the other, and print how many seeds it took to catch it.")
    var plantedBugs = false

    func validate() throws {
        if seed != nil, seeds != nil { throw ValidationError("--seed or --seeds, not both.") }
    }

    func run() throws {
        let range = seeds ?? seed.map { SeedRange(from: $0, to: $0) } ?? SeedRange(from: 1, to: 100)
        if plantedBugs {
            let table = BugTable(range: range, world: world)
            return try table.run()
        }
        let began = (wall: ContinuousClock.now, cpu: Self.cpuSeconds())
        var totals = Totals()
        for seed in range.from...range.to where seed % every == 0 || range.from == range.to {
            let report = Simulator.run(settings(seed))
            totals.add(report)
            if fingerprints {
                print("seed \(seed) fingerprint \(report.fingerprint)")
                // Whoever reads along wants to know how far this came, whatever becomes of the next seed.
                fflush(nil)
            }
            if report.violation != nil, !tell(report) { break }
        }
        let summary = Summary(
            totals, wall: began.wall.duration(to: .now), cpu: .seconds(Self.cpuSeconds() - began.cpu))
        print(json ? try summary.json() : summary.text)
        if !totals.failures.isEmpty { throw ExitCode.failure }
    }

    private func settings(_ seed: UInt64) -> Settings {
        var settings = world.settings(seed: seed)
        if trace { settings.trace = { print($0) } }
        return settings
    }

    /// Prints a failure.
    ///
    /// - Returns: whether to go on.
    private func tell(_ report: Report) -> Bool {
        guard let violation = report.violation else { return true }
        print("seed \(report.seed) failed \(violation)", to: &standardError)
        if firstFailure || trace {
            print("rerun: \(world.rerun(seed: report.seed, faults: nil))", to: &standardError)
            return !firstFailure
        }
        if let smallest = Simulator.minimise(settings(report.seed)) {
            print("smallest: \(smallest.report.violation!)", to: &standardError)
            print("rerun: \(world.rerun(seed: report.seed, faults: smallest.faults))", to: &standardError)
        }
        return true
    }

    static func cpuSeconds() -> Double {
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
        guard ends.count == 2, ends[0] <= ends[1] else { return nil }
        (from, to) = (ends[0], ends[1])
    }
}

/// What a run is of.
struct WorldOptions: ParsableArguments {
    @Option(help: "Nodes of the cluster, 3 or 5; drawn from the seed by default.")
    var nodes: Int?

    @Option(help: "Shards, 1 to 4; drawn from the seed by default.")
    var shards: Int?

    @Option(help: "Events at most before faults end.")
    var steps: Int?

    @Option(help: "safety: faults without end; liveness: none; swarm: a selection, then none.")
    var profile = Settings.Profile.swarm

    @Option(help: "Keep only these kinds of faults, separated by commas; none for no fault.")
    var faults: String?

    @Option(help: "Plant this bug.")
    var bug: PlantedBug?

    func validate() throws {
        if let nodes, nodes != 3, nodes != 5 { throw ValidationError("--nodes is 3 or 5.") }
        if let shards, !(1...4).contains(shards) { throw ValidationError("--shards is 1 to 4.") }
        if kinds == nil, faults != nil {
            throw ValidationError("--faults takes of: \(FaultKind.allCases.map(\.rawValue).joined(separator: ","))")
        }
    }

    private var kinds: Set<FaultKind>? {
        guard let faults, faults != "none" else { return faults == nil ? nil : [] }
        let names = faults.split(separator: ",")
        let kinds = names.compactMap { FaultKind(rawValue: String($0)) }
        return kinds.count == names.count ? Set(kinds) : nil
    }

    func settings(seed: UInt64) -> Settings {
        var settings = Settings(seed: seed)
        settings.nodes = nodes
        settings.shards = shards
        if let steps { settings.steps = steps }
        settings.profile = profile
        if let bug { settings.bugs = [bug] }
        return kinds.map { settings.keeping($0) } ?? settings
    }

    /// The line that runs this seed again.
    func rerun(seed: UInt64, faults: [FaultKind]?) -> String {
        var line = "cloudretail-simulate --seed \(seed)"
        if let nodes { line += " --nodes \(nodes)" }
        if let shards { line += " --shards \(shards)" }
        if let steps { line += " --steps \(steps)" }
        if profile != .swarm { line += " --profile \(profile)" }
        if let bug { line += " --bug \(bug)" }
        if let faults {
            line += " --faults " + (faults.isEmpty ? "none" : faults.map(\.rawValue).joined(separator: ","))
        } else if let faults = self.faults {
            line += " --faults \(faults)"
        }
        return line
    }
}

extension Settings.Profile: ExpressibleByArgument {}
extension PlantedBug: ExpressibleByArgument {}

/// Where complaints go.
struct StandardError: TextOutputStream {
    mutating func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}

nonisolated(unsafe) var standardError = StandardError() // It has no state.
