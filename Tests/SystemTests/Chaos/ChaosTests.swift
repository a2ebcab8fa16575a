import Foundation
import Testing

extension SystemTests {
    /// A share of what `tools/chaos` does for as long as it is told to.
    @Suite("Nodes that are killed, stopped, paused and cut off", .timeLimit(.minutes(10 + 2 * Chaos.minutes)))
    struct ChaosTests {
        @Test("never show a client what no single shop could")
        func chaos() async throws { print("chaos: \(try await Chaos().run())") }
    }
}
