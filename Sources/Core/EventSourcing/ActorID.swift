/// The account that asked for a change, as the log names it: the 128 bits of the account's id.
///
/// Each record holds at most one, beside its events: a change says who made it without an event having to.
public struct ActorID: Hashable, Sendable {
    public let high: UInt64
    public let low: UInt64

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    public init<Kind>(_ account: Identifier<Kind>) { self.init(high: account.high, low: account.low) }
}

extension Identifier {
    /// The account that acted; nil when the bits are no identifier.
    public init?(_ actor: ActorID) { self.init(high: actor.high, low: actor.low) }
}
