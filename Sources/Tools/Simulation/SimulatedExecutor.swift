import DequeModule

/// Runs every job of a simulation on the one thread that drains it.
///
/// A task that prefers this executor runs here, with its children, and so do the default actors that it enters.
/// `Task {}`, `Task.sleep` and the like escape to the global pool: nothing simulated may use them, and a job that comes
/// back from there stops the process.
final class SimulatedExecutor: TaskExecutor, @unchecked Sendable {
    // One thread: `enqueue` checks that no other thread comes near the queue.
    private var jobs = Deque<UnownedJob>()
    private var random: Generator
    /// How often the next job is not the oldest: another order in which a real pool might have run them.
    private let shuffleRate: Double
    private let thread = currentThread()
    /// Jobs run so far.
    private(set) var count = 0
    /// Jobs run before their turn so far.
    private(set) var shuffles = 0

    init(random: Generator, shuffleRate: Double) {
        self.random = random
        self.shuffleRate = shuffleRate
    }

    func enqueue(_ job: consuming ExecutorJob) {
        precondition(thread == currentThread(), "a job escaped the simulation's thread")
        jobs.append(UnownedJob(job))
    }

    /// More jobs than any event gives rise to: some task goes round and never waits.
    private static let jobsPerDrainMax = 1_000_000

    /// Runs jobs until there are none.
    func drain() {
        let own = asUnownedTaskExecutor()
        let limit = count + Self.jobsPerDrainMax
        while let first = jobs.popFirst() {
            var job = first
            if !jobs.isEmpty, random.chance(shuffleRate) {
                swap(&job, &jobs[random.below(jobs.count)])
                shuffles += 1
            }
            count += 1
            precondition(count < limit, "a task goes round and never waits")
            job.runSynchronously(on: own)
        }
    }
}
