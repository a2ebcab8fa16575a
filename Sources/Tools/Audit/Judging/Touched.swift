import Commerce
import EventSourcing

/// What a record has touched, to be judged once all of it has been taken.
struct Touched: Sendable {
    /// Orders that changed, or that stock was moved for, some more than once.
    private(set) var orders: [OrderID] = []
    /// Mostly one.
    var changedOrders: [ChangedOrder] = []
    /// Where the last of each is among many, once that is asked.
    private var changedPlaces = FlatTable<OrderID, Int>()
    /// So many are searched one by one.
    private static let searchedMax = 8
    /// As they were before the record.
    var carts: [CustomerID: Cart] = [:]
    var keys = KeyNotes()
    var products: [ProductID] = []
    var changedProducts: [ProductID: Product] = [:]
    var skus: [(sku: CatalogueSKU, freedBy: ProductID?)] = []
    var accounts: [CustomerID] = []
    var emails: [EmailAddress] = []
    var sessions: [Change<Session>] = []
    var logIns: [CustomerID] = []

    /// An order as the record leaves it.
    struct ChangedOrder: Sendable {
        let id: OrderID
        let made: SharedState<Order>
        /// Whether the log shows it from its first event on.
        let isWhole: Bool
        var isPlaced = false
        var isPaid = false
    }

    mutating func touch(_ order: OrderID) {
        if orders.last != order { orders.append(order) }
    }

    /// An order that has changed; nil when it has not. To be asked once all of the record has been taken.
    mutating func order(_ id: OrderID) -> (state: SharedState<Order>, isWhole: Bool)? {
        place(ofChanged: id).map { (changedOrders[$0].made, changedOrders[$0].isWhole) }
    }

    private mutating func place(ofChanged id: OrderID) -> Int? {
        guard changedOrders.count > Self.searchedMax else { return changedOrders.lastIndex { $0.id == id } }
        if changedPlaces.isEmpty {
            for place in changedOrders.indices { changedPlaces[changedOrders[place].id] = place }
        }
        return changedPlaces[id]
    }

    /// Makes room for the next record, in the memory of this one.
    mutating func clear() {
        orders.removeAll(keepingCapacity: true)
        changedOrders.removeAll(keepingCapacity: true)
        if !changedPlaces.isEmpty { changedPlaces = FlatTable() }
        carts.removeAll(keepingCapacity: true)
        keys.clear()
        products.removeAll(keepingCapacity: true)
        changedProducts.removeAll(keepingCapacity: true)
        skus.removeAll(keepingCapacity: true)
        accounts.removeAll(keepingCapacity: true)
        emails.removeAll(keepingCapacity: true)
        sessions.removeAll(keepingCapacity: true)
        logIns.removeAll(keepingCapacity: true)
    }
}
