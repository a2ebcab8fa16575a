import ArgumentParser
import Simulation

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

    /// What to call another process with.
    var arguments: [String] {
        var arguments: [String] = []
        if let nodes { arguments += ["--nodes", "\(nodes)"] }
        if let shards { arguments += ["--shards", "\(shards)"] }
        if let steps { arguments += ["--steps", "\(steps)"] }
        if profile != .swarm { arguments += ["--profile", profile.rawValue] }
        if let bug { arguments += ["--bug", bug.rawValue] }
        if let faults { arguments += ["--faults", faults] }
        return arguments
    }

    /// The line that runs a seed again.
    ///
    /// - Parameter kinds: the faults to keep; nil for all that these options leave.
    func rerun(seed: UInt64, faults kinds: [FaultKind]?) -> String {
        var world = self
        if let kinds { world.faults = kinds.isEmpty ? "none" : kinds.map(\.rawValue).joined(separator: ",") }
        return (["cloudretail-simulate", "--seed", "\(seed)"] + world.arguments).joined(separator: " ")
    }
}

extension Settings.Profile: ExpressibleByArgument {}
extension PlantedBug: ExpressibleByArgument {}
