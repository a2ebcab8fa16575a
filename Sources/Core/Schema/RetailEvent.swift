import Commerce
import EventSourcing

/// An event of any aggregate with the name of what it happened to: for the feed, the checks and the printing of a log.
public enum RetailEvent: Sendable, Equatable {
    case stock(SKU, Stock.Event)
    case order(OrderID, Order.Event)
    case idempotencyKey(IdempotencyKeyID, IdempotencyKey.Event)
    case cart(CustomerID, Cart.Event)
    case product(ProductID, Product.Event)
    case emailClaim(EmailAddress, EmailClaim.Event)
    case skuClaim(CatalogueSKU, SKUClaim.Event)
    case account(CustomerID, Account.Event)
    case session(SessionID, Session.Event)
    case logIns(CustomerID, LogIns.Event)
    case consumerPosition(ConsumerPositionID, ConsumerPosition.Event)

    /// Reads an event out of what a record holds of it.
    ///
    /// - Parameters:
    ///   - id: exactly the id's canonical bytes.
    ///   - event: exactly the event's bytes.
    /// - Throws: `MalformedBytes` when the kind is unknown, or the bytes are not what it says.
    public static func decode(
        kind: AggregateKind, id: ArraySlice<UInt8>, event: ArraySlice<UInt8>
    ) throws(MalformedBytes) -> RetailEvent {
        switch kind {
        case .stock: .stock(try name(Stock.self, id), try Stock.decodeEvent(event))
        case .order: .order(try name(Order.self, id), try Order.decodeEvent(event))
        case .idempotencyKey: .idempotencyKey(try name(IdempotencyKey.self, id), try IdempotencyKey.decodeEvent(event))
        case .cart: .cart(try name(Cart.self, id), try Cart.decodeEvent(event))
        case .product: .product(try name(Product.self, id), try Product.decodeEvent(event))
        case .emailClaim: .emailClaim(try name(EmailClaim.self, id), try EmailClaim.decodeEvent(event))
        case .skuClaim: .skuClaim(try name(SKUClaim.self, id), try SKUClaim.decodeEvent(event))
        case .account: .account(try name(Account.self, id), try Account.decodeEvent(event))
        case .session: .session(try name(Session.self, id), try Session.decodeEvent(event))
        case .logIns: .logIns(try name(LogIns.self, id), try LogIns.decodeEvent(event))
        case .consumerPosition:
            .consumerPosition(try name(ConsumerPosition.self, id), try ConsumerPosition.decodeEvent(event))
        default: throw MalformedBytes("no such kind of aggregate", at: 0)
        }
    }

    private static func name<A: Recorded>(_: A.Type, _ bytes: ArraySlice<UInt8>) throws(MalformedBytes) -> A.ID {
        guard let id = A.ID(encoded: bytes) else { throw MalformedBytes("not the id of its kind of aggregate", at: 0) }
        return id
    }
}
