/// A mistake that can be put into a simulated cluster by name, to see that a checker catches it.
///
/// Each is consulted in one place: `world.bugs.contains(.acknowledgeBeforeFlush)`.
public enum PlantedBug: String, CaseIterable, Sendable {
    /// A write is reported as flushed while it is still under way.
    case acknowledgeBeforeFlush
    /// The vote is not among what is written.
    case voteNotPersisted

    // Payments.
    /// Each attempt to charge has a key of its own.
    case chargeKeyPerAttempt
    /// No answer to a charge is taken for a refusal.
    case unknownPaymentIsDeclined
    /// No answer to a charge is taken for a success.
    case unknownPaymentIsPaid
    /// A charge that the provider has not seen yet is taken for one that will never be.
    case absentChargeIsDeclined
    /// An order whose payment took too long is rejected without fencing a late charge.
    case voidNotSent
    /// A refund is confirmed and never asked for.
    case refundNotSent
    /// Each attempt to refund has a key of its own.
    case refundKeyPerAttempt
}
