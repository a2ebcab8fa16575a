import EventSourcing

/// A customer without an account: an id that a node has made up and signed. Nothing is recorded of a guest before there
/// is a cart or an order.
///
/// The ids of guests and those of accounts are told apart by their last bits, so that no guest's token can be made out
/// for an account: a key that has been replaced stays good for guests' tokens for days.
public enum Guest {
    /// How long a guest is one: the order has been shipped by then, and who comes back later begins anew.
    public static let lifetime = Duration.seconds(7 * 86_400)

    private static let bits: UInt64 = 16
    private static let mark: UInt64 = 0xbeef

    /// When everything of a guest ends but the orders. The id says when the guest came.
    public static func end(of id: CustomerID) -> Timestamp { id.moment + lifetime }

    /// Whether `id` can be a guest's. Of the accounts of before this one in 65,536 looks like one.
    public static func canBe(_ id: CustomerID) -> Bool { id.low & (1 << bits - 1) == mark }

    /// - Parameter random: fresh random bits, of which 46 are used.
    public static func id(at moment: Timestamp, slot: Slot, random: UInt64) -> CustomerID {
        // An id leaves out the two lowest bits of what it is given.
        CustomerID(at: moment, slot: slot, random: random << (bits + 2) | mark << 2)
    }
}
