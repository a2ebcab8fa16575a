/// How a run ended.
public struct Report: Sendable {
    public let seed: UInt64
    /// Everything that happened, in one number: the same for the same seed, in every process.
    public let fingerprint: UInt64
    public let events: Int
    /// Virtual time.
    public let elapsed: Duration
    public let violation: Violation?
    /// How often each kind of fault was made, in the order of `FaultKind.allCases`.
    public let faults: [Int]
}

extension World {
    /// Phase two ends in failure when nothing has come to its end after this much virtual time.
    private static let patience = Duration.seconds(120)

    /// To look costs more than an event.
    private static let eventsPerLook = 16

    /// Runs both phases. To be called once.
    public func run() -> Report {
        start()
        workload?.start(in: self)
        while now < settings.duration.microseconds, events < settings.steps, !isSettledWithoutFaults, step() {}
        if violation == nil, settings.profile != .safety { settle() }
        let report = Report(
            seed: settings.seed, fingerprint: fingerprint, events: events, elapsed: .microseconds(now),
            violation: violation, faults: faultCounts)
        tearDown()
        return report
    }

    /// How often each kind of fault was made. The executor counts its own.
    private var faultCounts: [Int] {
        zip(FaultKind.allCases, struck).map { $0 == .schedule ? executor.shuffles : $1 }
    }

    /// Whether a run without faults has nothing left to show.
    private var isSettledWithoutFaults: Bool { settings.profile == .liveness && isSettled }

    private func settle() {
        heal()
        let end = now + Self.patience.microseconds
        while now < end, !(events % Self.eventsPerLook == 0 && isSettled), step() {}
        guard violation == nil else { return }
        guard isSettled else { return violate("no progress: \(unsettled)") }
        for checker in checkers { checker.atEnd(of: self) }
    }

    /// Whether clients and cluster have come to their end.
    var isSettled: Bool { unsettled.isEmpty }

    /// Members that have not handed on everything that is committed.
    private func laggards(of shard: Int) -> [String] {
        let last = histories[shard].last
        return nodes.filter { !$0.isRemoved && $0.process?.journals[shard].committed.rawValue != last.rawValue }.map {
            node in
            guard let journal = node.process?.journals[shard] else { return "node \(node.id) is down" }
            let status = journal.status
            return
                "node \(node.id), shard \(shard): \(status.role) of \(status.leader?.rawValue ?? 0), "
                + "log \(status.last), committed \(status.hardState.commit), applied \(status.applied) of \(last), "
                + "checkpoint \(journal.checkpoint), members \(status.membership.nodes.map(\.rawValue))"
        }
    }

    /// What still has to come to its end.
    private var unsettled: [String] {
        var left: [String] = []
        if operations.isBusy { left.append("the replacement of a node") }
        if operations.isUpgrading { left.append("the upgrade of a node") }
        if workload?.isDone == false { left.append("clients") }
        left += checkers.compactMap { $0.unsettled(in: self) }
        for shard in 0..<shardCount { left += laggards(of: shard) }
        return left
    }
}
