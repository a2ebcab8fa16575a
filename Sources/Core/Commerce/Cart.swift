import EventSourcing

/// One line of a cart.
public struct CartLine: Hashable, Sendable {
    public let sku: SKU
    public let quantity: Units

    public init(sku: SKU, quantity: Units) {
        self.sku = sku
        self.quantity = quantity
    }
}

/// What a customer means to buy. It holds no stock and no prices: both are decided when the order is placed.
///
/// Invariant: each SKU stands at most once, with a quantity of at least one.
public struct Cart: Aggregate, Equatable {
    public let id: CustomerID
    /// In the order in which the SKUs were first put in.
    public package(set) var lines: [CartLine] = []
    /// Whether it is a guest's, and ends with the guest.
    public package(set) var isGuests = false
    /// Which account a guest's cart has gone to; it stays as it was then. nil while the guest has it.
    public package(set) var handover: Handover?

    public init(id: CustomerID) { self.id = id }

    public struct Handover: Hashable, Sendable {
        public let customer: CustomerID
        public let at: Timestamp

        public init(to customer: CustomerID, at moment: Timestamp) {
            self.customer = customer
            at = moment
        }
    }

    public enum Command: Sendable {
        /// Says that the cart is a guest's, before anything is put in.
        case openForGuest
        /// Gives a guest's cart to an account. Without effect when it has it, and when there is nothing in the cart.
        case handOver(to: CustomerID)
        /// Puts in what was in a guest's cart, as far as the limits let it (`CartMerge`).
        case merge([CartLine])
        /// The quantity becomes this; zero takes the SKU out.
        case setItem(SKU, Units)
        /// So many more.
        case addItem(SKU, Units)
        case removeItem(SKU)
        /// So many fewer of each, for they have been bought. What is no longer in the cart is left alone.
        /// Ascending by SKU, each once.
        case takeOut([SKUUnits])
        case clear
    }

    public enum Event: Sendable, Equatable {
        case openedForGuest
        case handedOver(Handover)
        /// The quantity is now this, which is not zero.
        case itemSet(SKU, Units)
        case itemRemoved(SKU)
        case cleared
    }

    public enum Refusal: Error, Sendable, Equatable {
        /// More than `linesMax` SKUs.
        case tooManyLines
        /// More than `Placement.quantityMax` of one SKU.
        case quantityTooLarge
        /// It has gone to an account; for a cart that is to go to one, to another.
        case handedOver
        /// Nothing was to be added.
        case quantityZero
    }

    /// Below `Placement.linesMax`, so that every cart can become an order.
    public static let linesMax = 200

    public func decide(_ command: Command, at now: Timestamp) throws(Refusal) -> [Event] {
        switch command {
        case .openForGuest:
            return isGuests ? [] : [.openedForGuest]
        case .handOver(let customer):
            return try handOver(to: customer, now)
        case .takeOut(let bought):
            return takeOut(bought)
        case _ where handover != nil:
            throw .handedOver
        case .merge(let lines):
            return CartMerge(of: lines, into: self).events
        case .setItem(let sku, let quantity):
            if quantity == 0 { return remove(sku) }
            return try set(sku, quantity)
        case .addItem(let sku, let quantity):
            guard quantity > 0 else { throw .quantityZero }
            guard let sum = self.quantity(of: sku).adding(quantity) else { throw .quantityTooLarge }
            return try set(sku, sum)
        case .removeItem(let sku):
            return remove(sku)
        case .clear:
            return lines.isEmpty ? [] : [.cleared]
        }
    }

    private func handOver(to customer: CustomerID, _ now: Timestamp) throws(Refusal) -> [Event] {
        if let handover {
            guard handover.customer == customer else { throw .handedOver }
            return []
        }
        return lines.isEmpty || !isGuests ? [] : [.handedOver(Handover(to: customer, at: now))]
    }

    private func set(_ sku: SKU, _ quantity: Units) throws(Refusal) -> [Event] {
        guard quantity <= Placement.quantityMax else { throw .quantityTooLarge }
        let standing = self.quantity(of: sku)
        guard standing > 0 || lines.count < Self.linesMax else { throw .tooManyLines }
        return standing == quantity ? [] : [.itemSet(sku, quantity)]
    }

    private func remove(_ sku: SKU) -> [Event] {
        quantity(of: sku) > 0 ? [.itemRemoved(sku)] : []
    }

    /// Goes through the cart, which is the shorter of the two.
    private func takeOut(_ bought: [SKUUnits]) -> [Event] {
        lines.compactMap { line in
            guard let taken = bought.units(of: line.sku) else { return nil }
            guard let rest = line.quantity.subtracting(taken), rest > 0 else { return .itemRemoved(line.sku) }
            return .itemSet(line.sku, rest)
        }
    }

    /// How many of `sku` are in the cart.
    public func quantity(of sku: SKU) -> Units {
        lines.first { $0.sku == sku }?.quantity ?? 0
    }

    public mutating func apply(_ event: Event) {
        switch event {
        case .openedForGuest: isGuests = true
        case .handedOver(let handover): self.handover = handover
        case .itemSet(let sku, let quantity):
            let line = CartLine(sku: sku, quantity: quantity)
            if let place = lines.firstIndex(where: { $0.sku == sku }) {
                lines[place] = line
            } else {
                lines.append(line)
            }
        case .itemRemoved(let sku):
            lines.removeAll { $0.sku == sku }
        case .cleared:
            lines = []
        }
    }
}

extension [SKUUnits] {
    /// The units of `sku`, in a list that ascends by SKU; nil when it has none.
    fileprivate func units(of sku: SKU) -> Units? {
        var (lower, upper) = (0, count)
        while lower < upper {
            let middle = (lower + upper) / 2
            if self[middle].sku < sku { lower = middle + 1 } else { upper = middle }
        }
        return lower < count && self[lower].sku == sku ? self[lower].units : nil
    }
}
