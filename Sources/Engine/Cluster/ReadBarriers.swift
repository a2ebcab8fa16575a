import Consensus
import EventSourcing

/// The read barriers of one replica: one is under way, and the callers that come meanwhile wait together for the next.
///
/// A barrier asks for the index up to which the log was committed anywhere (`Replica.read`), and then waits until it is
/// committed here. What is asked may be lost, with its answer or its leader: it is asked again.
struct ReadBarriers {
    /// A caller that waits, and is told the index, or nil when the barrier has failed.
    typealias Waiter = CheckedContinuation<LogIndex?, Never>

    struct Outcome {
        let waiter: Waiter
        let index: LogIndex?
    }

    /// So many of the shortest time in which a leader is missed a caller waits: a new one is elected meanwhile. A node
    /// that is cut off from the majority fails then, rather than show what was true once.
    static let electionsMax = 8

    private struct Caller {
        let waiter: Waiter
        /// The tick at which it gives up.
        let end: UInt64
    }

    private struct UnderWay {
        let id: UInt64
        var callers: [Caller]
        /// The tick at which it was asked last.
        var askedAt: UInt64
    }

    private let ticksMax: UInt64
    private let askAgainTicks: UInt64
    private var tick: UInt64 = 0
    private var waiting: [Caller] = []
    private var underWay: UnderWay?
    /// Those whose index is known, and not yet committed here.
    private var arriving: [(index: LogIndex, caller: Caller)] = []
    /// Whether the replica is to be asked.
    private(set) var isDue = false

    /// - Parameter electionTicks: a follower that hears nothing for so long takes it that there is no leader.
    init(electionTicks: Int) {
        ticksMax = UInt64(electionTicks * Self.electionsMax)
        askAgainTicks = UInt64(max(electionTicks / 2, 1))
    }

    mutating func add(_ waiters: [Waiter]) {
        guard !waiters.isEmpty else { return }
        waiting += waiters.map { Caller(waiter: $0, end: tick + ticksMax) }
        isDue = isDue || underWay == nil
    }

    /// The id under which the replica is to be asked now; nil when there is nothing to ask.
    ///
    /// - Parameter last: the last id of a read of this replica; a new barrier takes the next.
    mutating func ask(after last: inout UInt64) -> UInt64? {
        guard isDue else { return nil }
        isDue = false
        if underWay == nil, !waiting.isEmpty {
            last &+= 1
            underWay = UnderWay(id: last, callers: waiting, askedAt: tick)
            waiting = []
        }
        underWay?.askedAt = tick
        return underWay?.id
    }

    /// The replica knows no leader to ask: it is asked again with the next tick.
    mutating func wasRefused() {
        waiting = (underWay?.callers ?? []) + waiting
        underWay = nil
    }

    /// The answer has come.
    mutating func answered(_ state: ReadState) {
        guard let barrier = underWay, barrier.id == state.id else { return }
        arriving += barrier.callers.map { (LogIndex(state.index.rawValue), $0) }
        underWay = nil
        isDue = !waiting.isEmpty
    }

    mutating func passTick() {
        tick += 1
        if let barrier = underWay {
            isDue = tick >= barrier.askedAt + askAgainTicks
        } else {
            isDue = !waiting.isEmpty
        }
    }

    /// Takes out the callers that can be told: what they wait for is committed here, or they have waited too long.
    mutating func takeOutcomes(committed: LogIndex) -> [Outcome] {
        guard !arriving.isEmpty || underWay != nil || !waiting.isEmpty else { return [] }
        var outcomes: [Outcome] = []
        let now = tick
        arriving.removeAll { index, caller in
            guard index <= committed || caller.end <= now else { return false }
            outcomes.append(Outcome(waiter: caller.waiter, index: index <= committed ? committed : nil))
            return true
        }
        func giveUp(_ callers: inout [Caller]) {
            callers.removeAll { caller in
                guard caller.end <= now else { return false }
                outcomes.append(Outcome(waiter: caller.waiter, index: nil))
                return true
            }
        }
        giveUp(&waiting)
        if underWay != nil { giveUp(&underWay!.callers) }
        return outcomes
    }

    /// Nothing will be known any more.
    mutating func close() -> [Outcome] {
        let callers = arriving.map(\.caller) + (underWay?.callers ?? []) + waiting
        (arriving, underWay, waiting, isDue) = ([], nil, [], false)
        return callers.map { Outcome(waiter: $0.waiter, index: nil) }
    }
}
