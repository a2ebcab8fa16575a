/// A mistake that can be put into a simulated cluster by name, to see that a checker catches it.
///
/// Each is consulted in one place: `world.bugs.contains(.acknowledgeBeforeFlush)`.
public enum PlantedBug: String, CaseIterable, Sendable {
    /// A write is reported as flushed while it is still under way.
    case acknowledgeBeforeFlush
    /// The vote is not among what is written.
    case voteNotPersisted
}
