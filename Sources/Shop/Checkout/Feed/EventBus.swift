/// What tells the world outside of the shop's events.
public protocol EventBus: Sendable {
    /// Tells of all `events`, those of one aggregate in their order, and returns once each of them is taken for good.
    ///
    /// Tried until it succeeds: an event may be told more than once, under the same id.
    ///
    /// - Throws: `CancellationError` alone.
    func publish(_ events: [FeedEvent]) async throws
}
