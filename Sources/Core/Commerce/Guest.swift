import EventSourcing

/// A customer without an account: an id that a node has made up and signed. Nothing is recorded of a guest before there
/// is a cart or an order.
public enum Guest {
    /// How long a guest is one: the order has been shipped by then, and who comes back later begins anew.
    public static let lifetime = Duration.seconds(7 * 86_400)

    /// When everything of a guest ends but the orders. The id says when the guest came.
    public static func end(of id: CustomerID) -> Timestamp { id.moment + lifetime }
}
