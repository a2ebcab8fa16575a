import Commerce
import EventSourcing

extension Stock: RetailAggregate {
    public static var label: String { "stock" }

    public enum PublicName: String, CaseIterable, Sendable {
        case received = "StockReceived"
        case adjusted = "StockAdjusted"
        case reserved = "StockReserved"
        case released = "StockReleased"
        case expired = "StockExpired"
        case fulfilled = "StockFulfilled"
        case restocked = "StockRestocked"
    }

    public static func publicName(of event: Event) -> PublicName? {
        switch event {
        case .received: .received
        case .adjusted: .adjusted
        case .reserved: .reserved
        case .released: .released
        case .expired: .expired
        case .fulfilled: .fulfilled
        case .restocked: .restocked
        }
    }

    public static func describe(_ event: Event, of sku: SKU, state: Stock?, in fields: inout EventFields) {
        fields.append("sku", sku)
        switch event {
        case .received(let units, let reference):
            fields.append("quantity", units)
            fields.append("reference", reference)
        case .adjusted(let delta, let reason):
            fields.append("delta", delta)
            fields.append("reason", reason.code)
            if case .other(let note) = reason { fields.append("note", note) }
        case .reserved(let id, let units, let until):
            fields.append("reservation_id", id.description)
            fields.append("quantity", units)
            fields.append("until", until)
        case .released(let id, let units), .expired(let id, let units), .fulfilled(let id, let units):
            fields.append("reservation_id", id.description)
            fields.append("quantity", units)
        case .restocked(let units, let order):
            fields.append("order_id", order)
            fields.append("quantity", units)
        }
    }
}
