import EventSourcing

/// One line of an order. Two lines may name the same SKU at different prices.
public struct OrderLine: Hashable, Sendable {
    public let sku: SKU
    /// 1 to `Placement.quantityMax`.
    public let quantity: Units
    /// Minor units of the order's currency, 0 to `Placement.unitPriceMax`.
    public let unitPrice: Int64

    public init(sku: SKU, quantity: Units, unitPrice: Int64) {
        self.sku = sku
        self.quantity = quantity
        self.unitPrice = unitPrice
    }

    /// Minor units; nil when it does not fit, which the limits on both factors rule out.
    public var total: Int64? {
        let (product, overflow) = unitPrice.multipliedReportingOverflow(by: quantity.rawValue)
        return overflow ? nil : product
    }
}

/// Where the goods go.
public struct ShippingAddress: Hashable, Sendable {
    public var name: String
    public var line1: String
    public var line2: String?
    public var city: String
    public var region: String?
    public var postalCode: String?
    /// ISO 3166-1 alpha-2, upper case.
    public var country: String

    public init(
        name: String, line1: String, line2: String? = nil, city: String, region: String? = nil,
        postalCode: String? = nil, country: String
    ) {
        self.name = name
        self.line1 = line1
        self.line2 = line2
        self.city = city
        self.region = region
        self.postalCode = postalCode
        self.country = country
    }

    /// A printed label's line, generously.
    public static let fieldLengthMax = 200

    var isWithinLimits: Bool {
        let required = [name, line1, city].allSatisfy { $0.isText(1...Self.fieldLengthMax) }
        let optional = [line2, region, postalCode].allSatisfy { $0?.isText(0...Self.fieldLengthMax) ?? true }
        return required && optional && Country.isListed(country)
    }
}

/// What a customer orders, before the shop has decided anything. Plain data: `Order` checks the limits.
///
/// It never changes and is copied with every state and event that it is part of: so there is one of it, and what
/// follows from it is worked out once.
public struct Placement: Hashable, Sendable {
    private let content: Content

    /// What was said. All of it takes part when two placements are compared.
    private struct Facts: Hashable, Sendable {
        let customer: CustomerID
        let lines: [OrderLine]
        let currency: Currency
        let shippingAddress: ShippingAddress?
        let email: EmailAddress?
        let paymentMethod: String?
        let placedBy: CustomerID
        let deadline: Timestamp
        let clearsCart: Bool
    }

    private final class Content: Hashable, Sendable {
        let facts: Facts
        /// These two follow from the facts.
        let total: Money?
        let holds: [SKUUnits]

        init(_ facts: Facts) {
            self.facts = facts
            total = facts.lines.total(in: facts.currency)
            holds = facts.lines.merged
        }

        static func == (left: Content, right: Content) -> Bool { left === right || left.facts == right.facts }
        func hash(into hasher: inout Hasher) { hasher.combine(facts) }
    }

    public init(
        customer: CustomerID, lines: [OrderLine], currency: Currency, shippingAddress: ShippingAddress? = nil,
        email: EmailAddress? = nil, paymentMethod: String? = nil, placedBy: CustomerID, deadline: Timestamp,
        clearsCart: Bool = false
    ) {
        content = Content(
            Facts(
                customer: customer, lines: lines, currency: currency, shippingAddress: shippingAddress, email: email,
                paymentMethod: paymentMethod, placedBy: placedBy, deadline: deadline, clearsCart: clearsCart))
    }

    public var customer: CustomerID { content.facts.customer }
    /// In the order given.
    public var lines: [OrderLine] { content.facts.lines }
    /// Of every unit price and of the total.
    public var currency: Currency { content.facts.currency }
    public var shippingAddress: ShippingAddress? { content.facts.shippingAddress }
    /// Where a guest is reached. What an account orders has none: the account has.
    public var email: EmailAddress? { content.facts.email }
    /// The payment provider's token for how to pay; nil for the customer's default.
    public var paymentMethod: String? { content.facts.paymentMethod }
    /// The customer, or the member of staff who ordered on their behalf.
    public var placedBy: CustomerID { content.facts.placedBy }
    /// When an order that is still undecided wants to be driven on.
    public var deadline: Timestamp { content.facts.deadline }
    /// Whether what is ordered leaves the customer's cart, in the record that says that it is paid.
    public var clearsCart: Bool { content.facts.clearsCart }
    /// The sum of the lines; nil when it does not fit 64 bits.
    public var total: Money? { content.total }
    /// What to hold of each SKU: the lines merged, ascending by SKU.
    public var holds: [SKUUnits] { content.holds }

    /// Nearly twice the 1,114 lines of the longest of the real orders that we replay; bounds the record of one order.
    public static let linesMax = 2_000
    /// With `unitPriceMax` it keeps every line's total within 64 bits.
    public static let quantityMax: Units = 1_000_000
    /// Ten thousand million pounds; see `quantityMax`.
    public static let unitPriceMax: Int64 = 1_000_000_000_000
    /// The longest token of the providers in use.
    public static let paymentMethodLengthMax = 64

    /// Whether `text` can be a provider's token for how to pay: ASCII letters, digits and `_`, `-`, `.`, `:`. The
    /// provider is handed no other text, for it may put it into a path, a log or a mail of its own.
    public static func isPaymentMethod(_ text: String) -> Bool {
        (1...paymentMethodLengthMax).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."),
                    UInt8(ascii: ":"):
                    true
                default: false
                }
            }
    }
}

extension Placement {
    /// Whether it says who the customer is, beyond the id.
    var isPersonal: Bool { self != impersonal }

    /// What the books need of it.
    var impersonal: Placement {
        Placement(
            customer: customer, lines: lines, currency: currency, placedBy: placedBy, deadline: deadline,
            clearsCart: clearsCart)
    }
}

extension [OrderLine] {
    /// The sum of the lines; nil when it does not fit 64 bits.
    fileprivate func total(in currency: Currency) -> Money? {
        var sum: Int64 = 0
        for line in self {
            guard let lineTotal = line.total else { return nil }
            let (next, overflow) = sum.addingReportingOverflow(lineTotal)
            guard !overflow else { return nil }
            sum = next
        }
        return Money(amount: sum, currency: currency)
    }

    /// The units of each SKU, ascending by SKU.
    fileprivate var merged: [SKUUnits] {
        guard count > 1 else { return map { SKUUnits(sku: $0.sku, units: $0.quantity) } }
        var merged: [SKUUnits] = []
        merged.reserveCapacity(count)
        for line in sorted(by: { $0.sku < $1.sku }) {
            if let last = merged.last, last.sku == line.sku {
                // 2,000 lines of a million units are far below the limit; a log that says more holds the limit.
                merged[merged.count - 1] = SKUUnits(sku: line.sku, units: last.units.adding(line.quantity) ?? .max)
            } else {
                merged.append(SKUUnits(sku: line.sku, units: line.quantity))
            }
        }
        return merged
    }
}
