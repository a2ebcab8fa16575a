import ActorSystem
import Checkout
import Commerce

/// How refusals about orders are told to clients.
extension CheckoutFailure: ProblemConvertible {
    public var problem: Problem {
        switch self {
        case .refused(let refusal): refusal.problem
        case .execution(let failure): failure.problem
        case .stillRunning(let order):
            Problem(.idempotencyConflict, "Order \(order) is still being decided.").retry(after: .seconds(1))
        }
    }
}

extension OrderRefusal: ProblemConvertible {
    public var problem: Problem {
        switch self {
        case .keyReused: Problem(.idempotencyKeyReused)
        case .unknownSKU(let item): .field("/items/\(item)/sku", "is not in the catalogue")
        case .inactiveSKU(let item):
            Problem(
                .productNotSold, "Item \(item) is not for sale at present.",
                errors: [FieldError(pointer: "/items/\(item)/sku", detail: "is not for sale")])
        case .mixedCurrencies: .field("/items", "must be priced in one currency")
        case .totalDiffers(let actual):
            Problem(.priceChanged, "The total is another one now.", members: { $0.field("total", actual) })
        case .invalid(let field): field.problem
        case .tooManyUndecided: Problem(.undecidedOrders).retry(after: .seconds(5))
        case .noAccount: .field("/customer_id", "is no account of this shop")
        }
    }
}

extension PlacementField {
    static let paymentMethodDetail =
        "must be 1 to \(Placement.paymentMethodLengthMax) ASCII letters, digits, '_', '-', '.' or ':'"

    var problem: Problem {
        switch self {
        case .lines: .field("/items", "must have 1 to \(Placement.linesMax) elements")
        case .quantity(let line): .field("/items/\(line)/quantity", "must be from 1 to \(Placement.quantityMax)")
        case .unitPrice(let line): .field("/items/\(line)/unit_price", "must be from 0 to \(Placement.unitPriceMax)")
        case .total:
            Problem(
                .amountOutOfRange, "The total does not fit 64 bits.",
                errors: [FieldError(pointer: "/items", detail: "come to more than 64 bits")])
        case .shippingAddress:
            .field("/shipping_address", "has a field that is empty, too long or has control characters")
        case .paymentMethod: .field("/payment_method", Self.paymentMethodDetail)
        case .deadline: Problem(.internalError)
        case .tracking: .field("/tracking", "has control characters or is too long")
        case .reason: .field("/reason", "has control characters or is too long")
        case .refundItems: .field("/lines", "must have 1 to \(Placement.linesMax) elements")
        case .refundSKU(let item): .field("/lines/\(item)/sku", "is not in the order")
        case .refundQuantity(let item): .field("/lines/\(item)/quantity", "must be at least 1")
        case .refundAmount: .field("/amount", "must be at least 1")
        }
    }
}

extension Problem {
    /// One field that the rules refused.
    static func field(_ pointer: String, _ detail: String) -> Problem {
        FieldErrors([FieldError(pointer: pointer, detail: detail)]).problem
    }

    /// A rejected order, as the request that placed it is answered.
    init(_ rejection: Rejection, of order: Order) {
        let id = order.id
        switch rejection {
        case .insufficientStock(let shortages):
            self.init(.insufficientStock, "Order \(id) was rejected.") { json in
                json.field("order_id", id)
                json.array("shortages") { json in
                    for shortage in shortages {
                        json.object { json in
                            json.field("sku", shortage.sku.description)
                            json.field("requested", shortage.requested.rawValue)
                            json.field("available", shortage.available.rawValue)
                        }
                    }
                }
            }
        case .declined(let code):
            self.init(.paymentDeclined, "Order \(id) was rejected.") { json in
                json.field("order_id", id)
                json.field("decline_code", code)
            }
        case .paymentUnavailable, .paymentExpired:
            self = Problem(.paymentUnavailable, "Order \(id) was rejected.") { $0.field("order_id", id) }
                .retry(after: .seconds(5))
        }
    }
}

extension OrderChangeRefusal: ProblemConvertible {
    public var problem: Problem {
        switch self {
        case .notFound: Problem(.notFound)
        case .condition(let failure): failure.problem
        case .order(let refusal): refusal.problem
        case .keyReused: Problem(.idempotencyKeyReused)
        }
    }
}

extension Order.Refusal: ProblemConvertible {
    public var problem: Problem {
        switch self {
        case .notPlaced: Problem(.notFound)
        case .alreadyPlaced: Problem(.alreadyExists)
        case .invalid(let field): field.problem
        case .illegalTransition(let from, _): Problem(.illegalTransition, "The order is \(from.code).")
        case .paymentInProgress: Problem(.illegalTransition, "The payment is not decided yet.")
        case .refundInProgress: Problem(.illegalTransition, "A refund is under way.")
        case .chargeConflict: Problem(.conflict, "The order is paid by another charge.")
        case .refundExceedsPayment(let left, let isOfLines):
            Problem(
                .refundTooLarge, "Of what was paid, \(left) is left to be refunded.",
                errors: [
                    FieldError(pointer: isOfLines ? "/lines" : "/amount", detail: "must come to at most \(left)")
                ])
        case .refundExceedsLines(let item, let left):
            Problem(
                .refundTooLarge, "Of item \(item), \(left) are left to be refunded.",
                errors: [FieldError(pointer: "/lines/\(item)/quantity", detail: "must be at most \(left)")])
        case .tooManyRefunds:
            Problem(.conflict, "It has been refunded in as many parts as can be; the rest is refunded as a whole.")
        }
    }
}
