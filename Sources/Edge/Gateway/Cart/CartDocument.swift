import ActorSystem
import Checkout
import Commerce
import Schema
import Steps

/// A cart as its customer sees it, at today's prices: what the order will cost is decided when it is placed.
struct CartDocument {
    let cart: Versioned<Cart>
    let tag: EntityTag
    let json: JSONWriter

    init(_ cart: Versioned<Cart>, prices: PriceBook) {
        self.cart = cart
        let priced = PricedCart(cart.state, prices: prices)
        var json = JSONWriter(capacity: 128 + 160 * priced.lines.count)
        json.object { json in
            json.array("items") { json in for line in priced.lines { line.write(to: &json) } }
            json.key("total")
            if let total = priced.total {
                json.object { json in
                    json.field("amount", total.amount)
                    json.field("currency", total.currency.description)
                }
            } else {
                json.null()
            }
            json.field("orderable", priced.isOrderable)
            json.field("version", Int64(clamping: cart.version))
        }
        self.json = json
        tag = EntityTag(revision: "\(cart.version)", of: json.bytes)
    }
}

/// The lines of a cart with what they cost.
private struct PricedCart {
    struct Line {
        let line: CartLine
        let entry: PriceBook.Entry?
        let total: Money?

        init(_ line: CartLine, _ entry: PriceBook.Entry?) {
            self.line = line
            // What has been taken off sale has no price that customers may see.
            let entry = entry?.isActive == true ? entry : nil
            self.entry = entry
            total = entry?.price.multiplied(by: line.quantity)
        }

        func write(to json: inout JSONWriter) {
            json.object { json in
                json.field("sku", line.sku.description)
                if let entry { json.field("product_id", entry.product) }
                json.field("quantity", line.quantity.rawValue)
                if let entry { json.field("unit_price", entry.price) }
                if let total { json.field("line_total", total) }
                json.field("orderable", entry?.isActive ?? false)
            }
        }
    }

    let lines: [Line]
    /// Nil for an empty cart, for a line without a price, and for prices in several currencies.
    let total: Money?
    /// Whether an order of just these lines would be taken, stock and payment aside.
    let isOrderable: Bool

    init(_ cart: Cart, prices: PriceBook) {
        lines = zip(cart.lines, prices.entries(of: cart.lines.map(\.sku))).map(Line.init)
        var sum: Money?
        for line in lines {
            guard let total = line.total, let next = sum.map({ $0.adding(total) }) ?? total else {
                sum = nil
                break
            }
            sum = next
        }
        total = sum
        isOrderable = sum != nil && lines.allSatisfy { $0.entry?.isActive ?? false }
    }
}

extension Cart.Refusal: ProblemConvertible {
    public var problem: Problem {
        switch self {
        case .tooManyLines: Problem(.conflict, "A cart holds \(Cart.linesMax) SKUs, which is the limit.")
        case .quantityTooLarge:
            .field("/quantity", "must be from 0 to \(Placement.quantityMax), with what is in the cart")
        case .handedOver: Problem(.conflict, "The cart of this guest has gone to an account.")
        case .quantityZero: .field("/quantity", "must not be zero")
        }
    }
}
