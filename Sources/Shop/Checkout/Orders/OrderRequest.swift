import ActorSystem
import Commerce
import EventSourcing
import Schema
import Steps

/// What a caller asks the shop to sell.
public struct OrderRequest: ShardProcedure {
    public typealias Answer = OrderAnswer
    /// All but `execution`, which goes another way.
    public typealias Refusal = CheckoutFailure

    public static var number: StepNumber { StepNumber(rawValue: 30) }
    /// The order lives with its customer.
    public var slot: Slot { customer.slot }

    public struct Item: Sendable {
        public let sku: SKU
        public let quantity: Units
        /// Minor units. Set by staff only; nil takes the catalogue's price.
        public let unitPrice: Int64?

        public init(sku: SKU, quantity: Units, unitPrice: Int64? = nil) {
            self.sku = sku
            self.quantity = quantity
            self.unitPrice = unitPrice
        }
    }

    public var customer: CustomerID
    public var placedBy: CustomerID
    public var items: [Item]
    /// What the client thinks it costs, in minor units; a difference is refused, never charged.
    public var expectedTotal: Int64?
    public var shippingAddress: ShippingAddress?
    public var paymentMethod: String?
    /// Names the request, at the slot of its sender; a retry carries the same one.
    public var key: IdempotencyKeyID
    /// SHA-256 of the request's canonical content: the same key with another is a mistake.
    public var fingerprint: Digest256
    /// Whether what is ordered leaves the customer's cart once it is paid.
    public var clearsCart: Bool
    public var sender: OrderSender

    public init(
        customer: CustomerID, placedBy: CustomerID, items: [Item], expectedTotal: Int64? = nil,
        shippingAddress: ShippingAddress? = nil, paymentMethod: String? = nil, key: IdempotencyKeyID,
        fingerprint: Digest256, clearsCart: Bool = false, sender: OrderSender = .customer
    ) {
        self.customer = customer
        self.placedBy = placedBy
        self.items = items
        self.expectedTotal = expectedTotal
        self.shippingAddress = shippingAddress
        self.paymentMethod = paymentMethod
        self.key = key
        self.fingerprint = fingerprint
        self.clearsCart = clearsCart
        self.sender = sender
    }

    /// What it places.
    ///
    /// - Parameters:
    ///   - quote: what its items cost.
    ///   - deadline: when the order wants to be driven on while it is undecided.
    func placement(at quote: Quote, deadline: Timestamp) -> Placement {
        let lines = zip(items, quote.unitPrices).map { item, price in
            OrderLine(sku: item.sku, quantity: item.quantity, unitPrice: price)
        }
        return Placement(
            customer: customer, lines: lines, currency: quote.currency, shippingAddress: shippingAddress,
            email: sender.email, paymentMethod: paymentMethod, placedBy: placedBy, deadline: deadline,
            clearsCart: clearsCart)
    }

    /// Whether a member of staff orders for a customer who has to have an account: neither a guest, nor one whom
    /// another system knows.
    var namesAccount: Bool {
        sender == .staff && customer != placedBy && !customer.isReference && !Guest.canBe(customer)
    }
}

/// Why a request became no order.
public enum OrderRefusal: KeyedRefusal, Equatable {
    /// The key names another request.
    case keyReused
    /// No product of the catalogue has the SKU at this position.
    case unknownSKU(item: Int)
    /// The product cannot be ordered at present.
    case inactiveSKU(item: Int)
    /// The prices are in more than one currency.
    case mixedCurrencies
    /// The catalogue's prices add up to something else.
    case totalDiffers(actual: Money)
    case invalid(PlacementField)
    /// The customer has as many undecided orders as may be.
    case tooManyUndecided
    /// The customer has had the account erased, or there never was one under the id.
    case noAccount

    public var isKept: Bool {
        switch self {
        case .keyReused, .tooManyUndecided, .noAccount: false
        case .unknownSKU, .inactiveSKU, .mixedCurrencies, .totalDiffers, .invalid: true
        }
    }
}

/// An order as a request to place or to change it is answered.
public struct OrderAnswer: WireCodable {
    public let order: Versioned<Order>
    /// The answer had been given under the same key, or was under way, before.
    public let isReplay: Bool
}

/// Why there is no answer about an order.
public enum CheckoutFailure: Error, Sendable, Equatable {
    case refused(OrderRefusal)
    case execution(ExecutionFailure)
    /// The same request is still running, and the limit for waiting is over.
    case stillRunning(OrderID)
}
