import EventSourcing

extension Product {
    public func decide(_ command: Command, at now: Timestamp) throws(Refusal) -> [Event] {
        if case .create(let details) = command {
            let checked = try details.checked()
            guard self.details == nil else {
                guard self.details == checked else { throw .alreadyCreated }
                return []
            }
            try details.checkAddresses(but: [])
            return [.created(checked, at: now)]
        }
        guard let details else { throw .notCreated }
        switch command {
        case .create:
            return []
        case .update(let replacement):
            let checked = try replacement.checked()
            try replacement.checkAddresses(but: Set(details.variants.map(\.sku)))
            return checked == details ? [] : [.updated(checked, at: now)]
        case .setPrice(let sku, let price):
            guard let place = details.variants.firstIndex(where: { $0.sku == sku }) else { throw .noSuchVariant(sku) }
            guard details.variants[place].price != price else { return [] }
            var changed = details
            changed.variants[place].price = price
            try changed.checkVariants()
            return [.priced(sku, price, at: now)]
        case .activate:
            return details.isActive ? [] : [.activated(at: now)]
        case .deactivate:
            return details.isActive ? [.deactivated(at: now)] : []
        case .recordUnitsSold(let sold):
            let counted = Self.counted(sold)
            return counted.isEmpty ? [] : [.unitsSold(counted)]
        case .recordUnitsReturned(let returned):
            let counted = Self.counted(returned)
            return counted.isEmpty ? [] : [.unitsReturned(counted)]
        }
    }

    private static func counted(_ units: [SKUUnits]) -> [SKUUnits] {
        units.filter { $0.units > 0 }.sorted { $0.sku < $1.sku }
    }

    public mutating func apply(_ event: Event) {
        switch event {
        case .created(let details, let now):
            self.details = details
            createdAt = now
            updatedAt = now
        case .updated(let details, let now):
            self.details = details
            updatedAt = now
        case .priced(let sku, let price, let now):
            let place = details!.variants.firstIndex { $0.sku == sku }!
            details!.variants[place].price = price
            updatedAt = now
        case .activated(let now):
            details!.isActive = true
            updatedAt = now
        case .deactivated(let now):
            details!.isActive = false
            updatedAt = now
        case .unitsSold(let sold):
            for line in sold {
                let (sum, overflow) = unitsSold.addingReportingOverflow(UInt64(line.units.rawValue))
                unitsSold = overflow ? .max : sum
            }
        case .unitsReturned(let returned):
            // A SKU may have been sold by the product that had it before: then there is less to take away.
            for line in returned { unitsSold -= min(unitsSold, UInt64(line.units.rawValue)) }
        }
    }
}
