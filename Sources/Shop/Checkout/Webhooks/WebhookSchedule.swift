/// When an event is sent again that an endpoint has not taken.
///
/// Source: Standard Webhooks 1.0, "Retry schedule and automatic disabling of endpoints".
public struct WebhookSchedule: Sendable, Equatable {
    /// Before the second attempt, the third, and so on; there is one attempt more than pauses.
    public let pauses: [Duration]

    /// More than a day together.
    public static let standard = WebhookSchedule(
        pauses: [5, 300, 1_800, 7_200, 18_000, 36_000, 36_000].map { .seconds($0) })

    public static let pausesMax = 32

    public init(pauses: [Duration]) { self.pauses = pauses }

    /// The pause after so many failures, spread so that endpoints that failed together do not come back together.
    ///
    /// - Returns: between half and one and a half times the one of the schedule; nil after the last attempt.
    public func pause(after failures: Int, using generator: inout some RandomNumberGenerator) -> Duration? {
        guard failures > 0, failures <= pauses.count else { return nil }
        return pauses[failures - 1] * Double.random(in: 0.5...1.5, using: &generator)
    }
}
