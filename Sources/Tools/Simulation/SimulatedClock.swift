/// Virtual time for tasks that sleep: `any Clock<Duration>` in a simulated node.
struct SimulatedClock: Clock {
    struct Instant: InstantProtocol {
        /// Since the start of the run.
        let offset: Duration
        func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
        func duration(to other: Instant) -> Duration { other.offset - offset }
        static func < (left: Self, right: Self) -> Bool { left.offset < right.offset }
    }

    unowned let world: World
    /// Whose sleepers they are: they all wake when it ends.
    unowned let life: Life

    var now: Instant { Instant(offset: .microseconds(world.now)) }
    var minimumResolution: Duration { .microseconds(1) }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        try await life.sleep(for: deadline.offset - now.offset)
    }
}
