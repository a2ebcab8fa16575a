import Foundation
import Testing

extension SystemTests {
    /// A share of what `tools/chaos` does for as long as it is told to.
    @Suite("Nodes that are killed, stopped, paused and cut off", .timeLimit(.minutes(10 + 2 * Chaos.minutes)))
    struct ChaosTests {
        @Test("never show a client what no single shop could", .enabled(if: Chaos.isWanted(hasNetwork: true)))
        func chaos() async throws { print("chaos: \(try await Chaos(hasNetwork: true).run())") }

        @Test("nor do those that take their places", .enabled(if: Chaos.isWanted(hasNetwork: false)))
        func replacements() async throws { print("chaos: \(try await Chaos(hasNetwork: false).run())") }
    }
}
