import Commerce

/// The body of `POST /orders/{id}/refund`.
enum RefundForm {
    /// What is asked for without a body.
    static let whole = Order.Command.refund(reason: nil, restock: false)

    static func decode(_ body: inout ObjectReader) -> Order.Command? {
        let reason = body.optionalString("reason", length: 0...Order.noteLengthMax)
        let restock = body.optionalBoolean("restock")
        let amount = body.optionalInteger("amount", in: 1...Int64.max)
        let items = body.optionalObjects("lines", count: 1...Placement.linesMax) { item in
            readItem(&item, restock: restock)
        }
        if let items {
            guard amount == nil else { return body.refuse("amount", "cannot go with lines, which have their price") }
            return .refundPart(.items(items), reason: reason)
        }
        if let amount {
            guard restock != true else { return body.refuse("restock", "needs lines that say what comes back") }
            return .refundPart(.amount(amount), reason: reason)
        }
        return .refund(reason: reason, restock: restock ?? false)
    }

    /// - Parameter restock: what is said for all lines.
    private static func readItem(_ item: inout ObjectReader, restock: Bool?) -> RefundItem? {
        let sku = item.value("sku", length: 1...SKU.lengthMax, FieldForm.sku) { SKU($0) }
        let quantity = item.integer("quantity", in: 1...Placement.quantityMax.rawValue)
        let own = item.optionalBoolean("restock")
        guard let sku, let quantity, let units = Units(quantity) else { return nil }
        return RefundItem(sku: sku, quantity: units, restock: own ?? restock)
    }
}
