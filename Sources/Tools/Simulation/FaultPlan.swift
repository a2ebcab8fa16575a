/// What can go wrong in a simulated cluster.
public enum FaultKind: String, CaseIterable, Sendable {
    // The network, per message.
    case loss, duplication, reordering, delay
    // The network, for a while.
    case oneWayCut, partition, bridge
    // Nodes.
    case crash, pause, slowNode, clockSkew, clockJump
    // Disks.
    case lostWrites, tornWrite, failedFlush, bitFlip, fullDisk
    // The operator.
    case leaderTransfer, membershipChange, compaction, upgrade
    // The payment provider.
    case paymentDecline, paymentDelay, paymentAnswerLost, paymentError, paymentRefusal
    // Clients.
    case clientRetry
    // Schedules that a pool of threads could choose: another order of jobs, a step whose thread waits in the middle.
    case schedule, longStep
}

/// Which faults a run has, and how often: drawn from its seed, so that some runs are rough in one way and smooth in
/// others ("swarm testing", Groce and others, 2012).
public struct FaultPlan: Sendable {
    private var rates: [Double]

    /// Nothing goes wrong.
    public static let none = FaultPlan(rates: Array(repeating: 0, count: FaultKind.allCases.count))

    private init(rates: [Double]) { self.rates = rates }

    /// From 0, never, to 1. What it is the rate of is said where the fault is made: per message, per flush, per call,
    /// or, of things that last, how rough the run is.
    public subscript(kind: FaultKind) -> Double {
        get { rates[FaultKind.allCases.firstIndex(of: kind)!] }
        set { rates[FaultKind.allCases.firstIndex(of: kind)!] = newValue }
    }

    /// Each kind is on in every second run, at a rate up to its largest.
    static func swarm(_ random: inout Generator) -> FaultPlan {
        var plan = FaultPlan.none
        for kind in FaultKind.allCases {
            let isOn = random.chance(0.5)
            let share = Double(random.within(1...100)) / 100
            if isOn { plan[kind] = share * kind.rateMax }
        }
        return plan
    }

    /// The same plan without one kind: what a minimiser tries.
    public func without(_ kind: FaultKind) -> FaultPlan {
        var plan = self
        plan[kind] = 0
        return plan
    }
}

extension FaultKind {
    /// The roughest that a run may be.
    var rateMax: Double {
        switch self {
        case .loss: 0.3
        case .duplication: 0.5
        default: 1
        }
    }
}
