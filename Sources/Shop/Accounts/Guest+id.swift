import Commerce
import EventSourcing

/// The ids of guests and those of accounts are told apart by their last bits, so that no guest's token can be made out
/// for an account: a key that has been replaced stays good for guests' tokens for days.
extension Guest {
    private static let bits: UInt64 = 16
    private static let mark: UInt64 = 0xbeef

    /// Whether `id` can be a guest's. Of the accounts of before this one in 65,536 looks like one.
    package static func canBe(_ id: CustomerID) -> Bool { id.low & (1 << bits - 1) == mark }

    /// - Parameter random: fresh random bits, of which 46 are used.
    static func id(at moment: Timestamp, slot: Slot, random: UInt64) -> CustomerID {
        // An id leaves out the two lowest bits of what it is given.
        CustomerID(at: moment, slot: slot, random: random << (bits + 2) | mark << 2)
    }
}

extension AccountBook {
    /// A new guest, of whom nothing is recorded. Guests are spread over all shards.
    public func newGuest() -> CustomerID {
        Guest.id(at: clock(), slot: Slot(UInt16(random() % UInt64(Slot.count))), random: random())
    }
}
