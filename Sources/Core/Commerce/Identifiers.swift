import EventSourcing

public enum CustomerKind: IdentifierKind { public static let prefix = "cus" }
public enum OrderKind: IdentifierKind { public static let prefix = "ord" }
public enum ProductKind: IdentifierKind { public static let prefix = "prd" }
public enum SessionKind: IdentifierKind { public static let prefix = "ses" }
public enum HoldKind: IdentifierKind { public static let prefix = "hld" }

/// Names a person with an account, staff included; its slot is where everything of theirs lives.
public typealias CustomerID = Identifier<CustomerKind>
/// Names an order; its slot is the customer's.
public typealias OrderID = Identifier<OrderKind>
/// Names a product; its slot is 0, so that the whole catalogue lives on shard 0.
public typealias ProductID = Identifier<ProductKind>
/// Names a log-in session and the family of refresh tokens in it; its slot is the customer's.
public typealias SessionID = Identifier<SessionKind>
/// Names a reservation that staff made by hand, outside an order.
public typealias HoldID = Identifier<HoldKind>

extension CustomerID {
    /// Whether another system's name for a customer made this: such ids are of the moment zero, and no others are.
    public var isReference: Bool { moment == .zero }
}

extension Slot {
    /// Where products and the names of SKUs live: a multiple of every number of shards, hence always shard 0.
    public static let catalogue = Slot(0)
}

public enum ChargeKind: Sendable {}
public enum RefundKind: Sendable {}

/// The payment provider's name for a charge.
public typealias ChargeID = ProviderReference<ChargeKind>
/// The payment provider's name for a refund.
public typealias RefundID = ProviderReference<RefundKind>

/// A name that the payment provider gave: 1 to 128 printable ASCII characters, no space.
public struct ProviderReference<Kind: Sendable>: Hashable, Sendable, LosslessStringConvertible {
    public let description: String

    /// Twice the longest reference of the providers in use.
    public static var lengthMax: Int { 128 }

    public init?(_ text: String) {
        guard (1...Self.lengthMax).contains(text.utf8.count) else { return nil }
        guard text.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else { return nil }
        description = text
    }
}
