import Commerce
import EventSourcing

/// The one list of what a shop's logs hold: shards, feed, audit, the printing of a log and the tests read it.
public enum Registry {
    /// Hands every kind of aggregate to `visitor`, with its type: what is made for a kind is compiled for it alone.
    @inlinable
    public static func visit(_ visitor: inout some RegistryVisitor) {
        visitor.visit(Stock.self)
        visitor.visit(Order.self)
        visitor.visit(IdempotencyKey.self)
        visitor.visit(Cart.self)
        visitor.visit(Product.self)
        visitor.visit(EmailClaim.self)
        visitor.visit(SKUClaim.self)
        visitor.visit(Account.self)
        visitor.visit(Session.self)
        visitor.visit(ConsumerPosition.self)
        visitor.visit(LogIns.self)
        visitor.visit(VerificationKey.self)
        visitor.visit(ClusterUpgrade.self)
        visitor.visit(Webhooks.self)
        visitor.visit(WebhookProgress.self)
    }

    /// Every kind of aggregate, in the order of the list.
    public static let aggregates: [any RetailAggregate.Type] = {
        var list = List()
        visit(&list)
        return list.types
    }()

    static let kinds = Dictionary(uniqueKeysWithValues: aggregates.map { ($0.kind, $0) })

    private struct List: RegistryVisitor {
        var types: [any RetailAggregate.Type] = []
        mutating func visit<A: RetailAggregate>(_: A.Type) { types.append(A.self) }
    }
}

public protocol RegistryVisitor {
    mutating func visit<A: RetailAggregate>(_: A.Type)
}
