/// What becomes of a cart when the lines of another come into it: quantities are summed up, as far as the limits let
/// them.
public struct CartMerge: Sendable {
    /// A line of which not everything fits.
    public struct Cut: Hashable, Sendable {
        public let sku: SKU
        /// What both carts had of it.
        public let wanted: Units
        /// What is in the cart now; zero where the cart is full.
        public let quantity: Units

        public init(sku: SKU, wanted: Units, quantity: Units) {
            self.sku = sku
            self.wanted = wanted
            self.quantity = quantity
        }
    }

    public private(set) var events: [Cart.Event] = []
    public private(set) var cuts: [Cut] = []

    /// - Parameter lines: each SKU once, as in a cart.
    public init(of lines: [CartLine], into cart: Cart) {
        var room = Cart.linesMax - cart.lines.count
        for line in lines {
            let standing = cart.quantity(of: line.sku)
            let wanted = standing.adding(line.quantity) ?? .max
            if standing == 0 {
                guard room > 0 else {
                    cuts.append(Cut(sku: line.sku, wanted: wanted, quantity: 0))
                    continue
                }
                room -= 1
            }
            let quantity = min(wanted, Placement.quantityMax)
            if quantity < wanted { cuts.append(Cut(sku: line.sku, wanted: wanted, quantity: quantity)) }
            if quantity != standing { events.append(.itemSet(line.sku, quantity)) }
        }
    }
}
