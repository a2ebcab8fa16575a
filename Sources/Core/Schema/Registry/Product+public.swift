import Commerce
import EventSourcing

extension Product: RetailAggregate {
    public enum PublicName: String, CaseIterable, Sendable {
        case created = "ProductCreated"
        case updated = "ProductUpdated"
        case priced = "ProductPriced"
        case activated = "ProductActivated"
        case deactivated = "ProductDeactivated"
        case sold = "ProductSold"
        /// Units that had been sold were cancelled, or came back.
        case returned = "ProductReturned"
    }

    public static func publicName(of event: Event) -> PublicName? {
        switch event {
        case .created: .created
        case .updated: .updated
        case .priced: .priced
        case .activated: .activated
        case .deactivated: .deactivated
        case .unitsSold: .sold
        case .unitsReturned: .returned
        }
    }

    public static func describe(_ event: Event, of id: ProductID, state: Product?, in fields: inout EventFields) {
        fields.append("id", id)
        switch event {
        case .created(let details, _), .updated(let details, _): fields.append(details)
        case .priced(let sku, let price, _):
            fields.append("sku", sku)
            fields.append("price", price)
        case .activated, .deactivated: break
        case .unitsSold(let lines), .unitsReturned(let lines):
            fields.append("items", lines) { line, fields in
                fields.append("sku", line.sku)
                fields.append("quantity", line.units)
            }
        }
    }
}
