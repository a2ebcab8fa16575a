import Commerce
import EventSourcing
import Workload

/// What changed about one order, the stock of one SKU or one product. The JSON form has these names in snake_case.
struct ShopDifference: Encodable {
    enum Change: String, Encodable { case new, gone, changed }

    /// As it was, and as it is; nil where it was or is not there.
    struct Pair<Value: Encodable & Equatable>: Encodable {
        let from: Value?
        let to: Value?

        /// Nil when nothing changed.
        init?(_ from: Value?, _ to: Value?) {
            guard from != to else { return nil }
            self.from = from
            self.to = to
        }

        var text: String { "\(from.map { "\($0)" } ?? "none") -> \(to.map { "\($0)" } ?? "none")" }
    }

    /// In minor units of the product's currency.
    struct Price: Encodable {
        let sku: String
        let price: Pair<Int64>
        let currency: String
    }

    /// `order`, `stock` or `product`.
    let kind: String
    let id: String
    let change: Change
    private(set) var status: Pair<String>?
    private(set) var payment: Pair<String>?
    private(set) var refundedMinor: Pair<Int64>?
    private(set) var onHand: Pair<Int64>?
    private(set) var reserved: Pair<Int64>?
    private(set) var prices: [Price]?
    /// Whether anything else that people write about a product changed: its title, texts, pictures, variants.
    private(set) var details: Bool?

    private init?(_ kind: String, _ id: String?, isNew: Bool, isGone: Bool) {
        guard let id else { return nil }
        self.kind = kind
        self.id = id
        change = isNew ? .new : isGone ? .gone : .changed
    }

    /// - Returns: nil when it stands where it stood, and its money too.
    init?(_ earlier: Order?, _ later: Order?) {
        self.init("order", (later ?? earlier)?.id.description, isNew: earlier == nil, isGone: later == nil)
        status = Pair(earlier?.status?.rawValue.uppercased(), later?.status?.rawValue.uppercased())
        payment = Pair(earlier?.payment.rawValue.uppercased(), later?.payment.rawValue.uppercased())
        refundedMinor = Pair(earlier?.refunded ?? 0, later?.refunded ?? 0)
        if status == nil, payment == nil, refundedMinor == nil { return nil }
    }

    /// - Returns: nil when as many units are there and as many are reserved.
    init?(_ earlier: Stock?, _ later: Stock?) {
        self.init("stock", (later ?? earlier)?.id.description, isNew: earlier == nil, isGone: later == nil)
        onHand = Pair(earlier?.onHand.rawValue, later?.onHand.rawValue)
        reserved = Pair(earlier?.reserved.rawValue, later?.reserved.rawValue)
        if onHand == nil, reserved == nil { return nil }
    }

    /// - Returns: nil when nothing that people write about it changed.
    init?(_ earlier: Product?, _ later: Product?) {
        self.init("product", (later ?? earlier)?.id.description, isNew: earlier == nil, isGone: later == nil)
        let (old, new) = (Self.prices(of: earlier), Self.prices(of: later))
        let changed = Set(old.keys).union(new.keys).sorted().compactMap { sku in
            Pair(old[sku]?.amount, new[sku]?.amount).map { price in
                Price(sku: sku.description, price: price, currency: (new[sku] ?? old[sku])!.currency.description)
            }
        }
        prices = changed.isEmpty ? nil : changed
        details = Self.withoutPrices(earlier) == Self.withoutPrices(later) ? nil : true
        if prices == nil, details == nil { return nil }
    }

    private static func prices(of product: Product?) -> [SKU: Money] {
        Dictionary(product?.details?.variants.map { ($0.sku, $0.price) } ?? [], uniquingKeysWith: { $1 })
    }

    private static func withoutPrices(_ product: Product?) -> Product.Details? {
        guard var details = product?.details else { return nil }
        details.variants = details.variants.map { variant in
            Variant(
                sku: variant.sku, title: variant.title, attributes: variant.attributes,
                price: Money(amount: 0, currency: variant.price.currency))
        }
        return details
    }

    var text: String {
        var parts: [String] = []
        if let status { parts.append("status \(status.text)") }
        if let payment { parts.append("payment \(payment.text)") }
        if let refundedMinor { parts.append("refunded \(refundedMinor.text)") }
        if let onHand { parts.append("on hand \(onHand.text)") }
        if let reserved { parts.append("reserved \(reserved.text)") }
        for price in prices ?? [] { parts.append("\(price.sku) \(price.price.text) \(price.currency)") }
        if details == true, change == .changed { parts.append("details") }
        return "\(kind) \(id) \(change.rawValue): \(parts.joined(separator: ", "))"
    }
}

/// How much differs.
struct DifferenceCounts: Encodable {
    private(set) var orders = 0
    private(set) var stocks = 0
    private(set) var products = 0

    mutating func add(_ difference: ShopDifference) {
        switch difference.kind {
        case "order": orders += 1
        case "stock": stocks += 1
        default: products += 1
        }
    }

    var text: String {
        "\(orders.counted("order")), \(stocks.counted("SKU")) and \(products.counted("product")) differ."
    }
}
