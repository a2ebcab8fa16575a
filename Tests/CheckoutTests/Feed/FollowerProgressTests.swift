import EventSourcing
import Testing

@testable import Checkout

@Suite("How far a view has come", .timeLimit(.minutes(10)))
struct FollowerProgressTests {
    @Test("keeps no caller waiting that is cancelled, before or meanwhile")
    func cancelled() async throws {
        let progress = FollowerProgress(.zero)
        let waiting = Task { await progress.wait(for: LogIndex(5)) }
        try await Task.sleep(for: .milliseconds(20))
        waiting.cancel()
        await waiting.value
        let late = Task {
            while !Task.isCancelled { await Task.yield() }
            await progress.wait(for: LogIndex(5))
        }
        late.cancel()
        await late.value
        // They are forgotten: no continuation is resumed twice.
        progress.advance(to: LogIndex(5))
        await progress.wait(for: LogIndex(5))
    }

    @Test("lets each caller go on once its record is there")
    func advances() async {
        let progress = FollowerProgress(.zero)
        async let first: Void = progress.wait(for: LogIndex(1))
        async let second: Void = progress.wait(for: LogIndex(2))
        progress.advance(to: LogIndex(1))
        await first
        progress.advance(to: LogIndex(2))
        await second
    }
}
