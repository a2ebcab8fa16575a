import EventSourcing

/// Whole runs, as people and tests want them.
public enum Simulator {
    /// Runs one seed: a cluster with its clients, its payment provider and every checker.
    public static func run(_ settings: Settings) -> Report {
        Mistake.making(settings.bugs.ofShop) { populated(settings).run() }
    }

    static func populated(_ settings: Settings) -> World {
        let world = World(settings)
        let provider = SimulatedProvider(world: world)
        let model = ShopModel(shards: world.shardCount, provider: provider)
        let money = MoneyChecker(model: model, world: world)
        provider.watcher = money
        world.prices = Assortment.entry
        world.payments = provider
        world.workload = Clients(witness: Witness(model: model, world: world))
        world.checkers += [model, money, DutyChecker(), ViewChecker(), VersionChecker()]
        return world
    }

    /// The smallest set of faults with which the seed still fails: one kind after the other is turned off, and stays
    /// off if there is still a failure. Nil when the seed does not fail.
    public static func minimise(_ settings: Settings) -> (faults: [FaultKind], report: Report)? {
        var smallest = settings
        smallest.faults = World(settings).faults
        var failing = run(smallest)
        guard failing.violation != nil else { return nil }
        for kind in FaultKind.allCases where smallest.faults![kind] > 0 {
            var next = smallest
            next.faults = smallest.faults!.without(kind)
            let report = run(next)
            guard report.violation != nil else { continue }
            (smallest, failing) = (next, report)
        }
        return (FaultKind.allCases.filter { smallest.faults![$0] > 0 }, failing)
    }
}

extension Settings {
    /// The same run with no faults but these, each as often as the seed says.
    public func keeping(_ kinds: Set<FaultKind>) -> Settings {
        var plan = World(self).faults
        for kind in FaultKind.allCases where !kinds.contains(kind) { plan = plan.without(kind) }
        var settings = self
        settings.faults = plan
        return settings
    }
}
