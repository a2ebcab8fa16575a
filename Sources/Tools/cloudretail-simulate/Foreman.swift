import Foundation
import Synchronization

/// Runs seeds in several processes at once, and every hundredth seed twice: in another process, where hashes differ.
struct Foreman {
    let range: SeedRange
    let world: WorldOptions

    /// So many at a time that starting a process costs nothing beside them.
    private static let seedsPerProcess: UInt64 = 250
    private static let secondRunEvery: UInt64 = 100

    private struct State {
        var next: UInt64
        var summary = Summary()
        var fingerprints: [UInt64: String] = [:]
    }

    func run(jobs: Int) -> Summary {
        let began = ContinuousClock.now
        let state = Mutex(State(next: range.from))
        DispatchQueue.concurrentPerform(iterations: jobs) { _ in
            while let part = state.withLock({ take(from: &$0) }) { run(part, state) }
        }
        let again = state.withLock { $0.fingerprints.filter { $0.key % Self.secondRunEvery == 0 } }
        let seeds = Mutex(again.keys.sorted())
        DispatchQueue.concurrentPerform(iterations: jobs) { _ in
            while let seed = seeds.withLock({ $0.popLast() }) {
                let second = ChildRun(SeedRange(from: seed, to: seed), world).fingerprints[seed]
                guard second != again[seed] else { continue }
                state.withLock { note("it went another way the second time", of: seed, in: &$0) }
            }
        }
        return state.withLock { state in
            state.summary.wallSeconds = began.duration(to: .now) / .seconds(1)
            return state.summary
        }
    }

    private func take(from state: inout State) -> SeedRange? {
        guard state.next <= range.to else { return nil }
        let part = SeedRange(from: state.next, to: min(range.to, state.next + Self.seedsPerProcess - 1))
        state.next = part.to + 1
        return part
    }

    private func run(_ part: SeedRange, _ state: borrowing Mutex<State>) {
        var part = part
        while true {
            let child = ChildRun(part, world)
            let reached = part.from + UInt64(child.fingerprints.count)
            state.withLock { state in
                state.fingerprints.merge(child.fingerprints) { $1 }
                if let summary = child.summary {
                    state.summary.add(summary)
                    for failure in summary.failures { tell(failure) }
                } else {
                    note("its process stopped: \(child.lastWords)", of: reached, in: &state)
                }
            }
            // The process that stopped took what it had counted with it; what is left is still to be run.
            guard child.summary == nil, reached < part.to else { return }
            part = SeedRange(from: reached + 1, to: part.to)
        }
    }

    private func note(_ violation: String, of seed: UInt64, in state: inout State) {
        let failure = Summary.Failure(seed: seed, violation: violation, rerun: world.rerun(seed: seed, faults: nil))
        state.summary.add(failure)
        tell(failure)
    }

    private func tell(_ failure: Summary.Failure) {
        FileHandle.standardError.write(Data((failure.text + "\n").utf8))
    }
}
