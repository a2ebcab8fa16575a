import Commerce

/// What the items of a request cost.
struct Quote: Sendable {
    /// Minor units, in the order of the items.
    let unitPrices: [Int64]
    let currency: Currency
}

extension PriceBook {
    /// - Throws: why an order of `items` is refused.
    func quote(_ items: [OrderRequest.Item]) throws(OrderRefusal) -> Quote {
        let entries = entries(of: items.map(\.sku))
        var unitPrices: [Int64] = []
        unitPrices.reserveCapacity(items.count)
        var currency: Currency?
        for (position, item) in items.enumerated() {
            guard let entry = entries[position] else { throw .unknownSKU(item: position) }
            guard entry.isActive || item.unitPrice != nil else { throw .inactiveSKU(item: position) }
            if let currency, currency != entry.price.currency { throw .mixedCurrencies }
            currency = entry.price.currency
            unitPrices.append(item.unitPrice ?? entry.price.amount)
        }
        guard let currency else { throw .invalid(.lines) }
        return Quote(unitPrices: unitPrices, currency: currency)
    }
}
