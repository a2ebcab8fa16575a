import Testing

/// Real processes: a node and a payment simulator, on loopback. One at a time, since each has several.
@Suite(.serialized)
enum SystemTests {
    /// What any of them needs on a machine that is busy with other things, twice over; they wait for states without a
    /// limit of their own.
    static let patience = TimeLimitTrait.Duration.minutes(10)
}
