import Consensus
import EventSourcing

/// A mistake that can be put into a simulated cluster by name, to see that a checker catches it.
///
/// Some sit between the product and what is simulated, and are consulted there, each in one place:
/// `world.bugs.contains(.acknowledgeBeforeFlush)`. The others are mistakes of the product itself, in builds that can
/// make them: `Consensus.Mistake` and `EventSourcing.Mistake`.
public struct PlantedBug: RawRepresentable, Hashable, Sendable, CaseIterable {
    public let rawValue: String
    public init?(rawValue: String) {
        guard Self.allCases.contains(where: { $0.rawValue == rawValue }) else { return nil }
        self.rawValue = rawValue
    }
    private init(_ name: String) { rawValue = name }
    public init(_ mistake: Consensus.Mistake) { rawValue = mistake.rawValue }
    public init(_ mistake: EventSourcing.Mistake) { rawValue = mistake.rawValue }

    // Disks.
    /// A write is reported as flushed while it is still under way.
    public static let acknowledgeBeforeFlush = PlantedBug("acknowledgeBeforeFlush")
    /// The vote is not among what is written.
    public static let voteNotPersisted = PlantedBug("voteNotPersisted")
    /// A failed flush is taken for one that went well.
    public static let flushFailureIgnored = PlantedBug("flushFailureIgnored")
    /// A snapshot arrives without the idempotency keys.
    public static let snapshotWithoutKeys = PlantedBug("snapshotWithoutKeys")
    /// A snapshot is installed with the membership that was there before.
    public static let snapshotWithoutMembership = PlantedBug("snapshotWithoutMembership")

    // Logs.
    /// A decision goes into the log of whatever term its node leads in by then.
    public static let termNotFenced = PlantedBug("termNotFenced")

    // Frames.
    /// The entries of an append arrive in the term of the leader that sent them.
    public static let entryTermLost = PlantedBug("entryTermLost")

    // Calls.
    /// A reply loses its last byte on its way.
    public static let replyCutShort = PlantedBug("replyCutShort")

    // Payments.
    /// Each attempt to charge has a key of its own.
    static let chargeKeyPerAttempt = PlantedBug("chargeKeyPerAttempt")
    /// No answer to a charge is taken for a refusal.
    static let unknownPaymentIsDeclined = PlantedBug("unknownPaymentIsDeclined")
    /// No answer to a charge is taken for a success.
    static let unknownPaymentIsPaid = PlantedBug("unknownPaymentIsPaid")
    /// A charge that the provider has not seen yet is taken for one that will never be.
    static let absentChargeIsDeclined = PlantedBug("absentChargeIsDeclined")
    /// An order whose payment took too long is rejected without fencing a late charge.
    static let voidNotSent = PlantedBug("voidNotSent")
    /// A refund is confirmed and never asked for.
    static let refundNotSent = PlantedBug("refundNotSent")
    /// Each attempt to refund has a key of its own.
    static let refundKeyPerAttempt = PlantedBug("refundKeyPerAttempt")

    /// Those that sit between a node and the provider.
    static let ofPayments: Set<PlantedBug> = [
        .chargeKeyPerAttempt, .unknownPaymentIsDeclined, .unknownPaymentIsPaid, .absentChargeIsDeclined, .voidNotSent,
        .refundNotSent, .refundKeyPerAttempt,
    ]

    private static let ofDisks: [PlantedBug] = [
        .acknowledgeBeforeFlush, .voteNotPersisted, .flushFailureIgnored, .snapshotWithoutKeys,
        .snapshotWithoutMembership
    ]

    /// Makes a real program read as little as an earlier one; a simulated node has a version of its own.
    private static let elsewhere: Set<EventSourcing.Mistake> = [.readsFirstVersionOnly]

    /// In the order in which they are reported.
    public static let allCases: [PlantedBug] =
        ofDisks + [.termNotFenced, .entryTermLost, .replyCutShort] + Consensus.Mistake.allCases.map { PlantedBug($0) }
        + EventSourcing.Mistake.allCases.filter { !elsewhere.contains($0) }.map { PlantedBug($0) }
        + ofPayments.sorted { $0.rawValue < $1.rawValue }
}

extension Set<PlantedBug> {
    /// Those that are mistakes of the consensus core.
    var ofConsensus: Set<Consensus.Mistake> {
        Set<Consensus.Mistake>(compactMap { Consensus.Mistake(rawValue: $0.rawValue) })
    }
    /// Those that are mistakes of the shop.
    var ofShop: Set<EventSourcing.Mistake> {
        Set<EventSourcing.Mistake>(compactMap { EventSourcing.Mistake(rawValue: $0.rawValue) })
    }
}
