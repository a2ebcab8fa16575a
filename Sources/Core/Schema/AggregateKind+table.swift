import EventSourcing

/// Every kind ever shipped. A number is given once and never again.
extension AggregateKind {
    public static let stock = AggregateKind(rawValue: 1)
    public static let order = AggregateKind(rawValue: 2)
    public static let idempotencyKey = AggregateKind(rawValue: 3)
    public static let cart = AggregateKind(rawValue: 4)
    public static let product = AggregateKind(rawValue: 5)
    public static let emailClaim = AggregateKind(rawValue: 6)
    public static let skuClaim = AggregateKind(rawValue: 7)
    public static let account = AggregateKind(rawValue: 8)
    public static let session = AggregateKind(rawValue: 9)
    public static let consumerPosition = AggregateKind(rawValue: 10)
    public static let logIns = AggregateKind(rawValue: 11)
}
