import ActorSystem
import Commerce
import EventSourcing
import Schema
import Wire

/// Changes a guest's cart, which ends with the guest.
public struct ChangeGuestCart: ShardStep {
    public let change: ChangeCart

    public init(_ change: ChangeCart) { self.change = change }

    public static var number: StepNumber { StepNumber(rawValue: 32) }
    public var slot: Slot { change.slot }

    public func run(in batch: Batch) throws(CartRefusal) -> CartAnswer { try change.run(in: batch, forGuest: true) }
}

// MARK: - Bytes

extension ChangeGuestCart {
    public func encode(into bytes: inout [UInt8]) { change.encode(into: &bytes) }

    public init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        self.init(try ChangeCart(decoding: bytes))
    }
}
