import ActorSystem
import Commerce
import Schema

extension OwnedKind {
    /// Every kind of aggregate that a shop's shards own.
    public static let all: [OwnedKind] = [
        .kind(Account.self), .kind(Cart.self), .kind(ConsumerPosition.self), .kind(EmailClaim.self),
        .kind(IdempotencyKey.self), .kind(LogIns.self), .kind(Order.self), .kind(Product.self), .kind(SKUClaim.self),
        .kind(Session.self), .kind(Stock.self),
    ]
}
