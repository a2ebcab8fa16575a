/// One life of a process in the simulation: its tasks, and whatever they wait for.
///
/// When it ends, every task is cancelled and whatever it waits for fails, so that it runs off; nothing that it does
/// then has an effect on the world.
public final class Life: @unchecked Sendable {
    // One thread: the world's.
    unowned let world: World
    public private(set) var isOver = false
    private var tasks: [UInt64: Task<Void, Never>] = [:]
    private var waits: [UInt64: CheckedContinuation<Bool, Never>] = [:]
    private var numbers: UInt64 = 0

    /// Runs what an alarm sets off: at once, or once its node is no longer paused.
    private let act: (@escaping () -> Void) -> Void

    init(world: World, act: @escaping (@escaping () -> Void) -> Void = { $0() }) {
        self.world = world
        self.act = act
    }

    private func number() -> UInt64 {
        numbers += 1
        return numbers
    }

    /// Starts a task of this life.
    public func spawn(_ body: @escaping @Sendable () async -> Void) {
        let number = number()
        guard !isOver else { return }
        tasks[number] = Task(executorPreference: world.executor, priority: .medium) {
            await body()
            self.tasks[number] = nil
        }
    }

    /// Waits for so much virtual time.
    ///
    /// - Throws: `CancellationError` when the task is cancelled or the life ends.
    public func sleep(for duration: Duration) async throws {
        try Task.checkCancellation()
        let isElapsed = await wait { number in
            self.world.plan(after: duration, "wake", number) { self.act { self.finish(number, with: true) } }
        }
        if !isElapsed { throw CancellationError() }
    }

    /// Suspends until `finish` is called with the number that `start` is given, or the task is cancelled, or the life
    /// ends.
    ///
    /// - Returns: what `finish` says; false at the other two.
    func wait(_ start: (_ number: UInt64) -> Void) async -> Bool {
        let number = number()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                guard !isOver, !Task.isCancelled else { return continuation.resume(returning: false) }
                waits[number] = continuation
                start(number)
            }
        } onCancel: {
            self.finish(number, with: false)
        }
    }

    /// Ends a wait; without effect when it is over.
    func finish(_ number: UInt64, with outcome: Bool) {
        waits.removeValue(forKey: number)?.resume(returning: outcome)
    }

    /// Ends everything. The tasks run off when the executor is drained next.
    func end() {
        guard !isOver else { return }
        isOver = true
        for (_, task) in tasks.sorted(by: { $0.key < $1.key }) { task.cancel() }
        for number in waits.keys.sorted() { finish(number, with: false) }
    }
}
