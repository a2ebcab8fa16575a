import Commerce
import EventSourcing

extension Cart: RetailAggregate {
    public static var label: String { "cart of" }

    public enum PublicName: String, CaseIterable, Sendable {
        case itemSet = "CartItemSet"
        case itemRemoved = "CartItemRemoved"
        case cleared = "CartCleared"
        /// A guest's cart has gone to an account.
        case handedOver = "CartHandedOver"
    }

    public static func publicName(of event: Event) -> PublicName? {
        switch event {
        case .openedForGuest: nil
        case .itemSet: .itemSet
        case .itemRemoved: .itemRemoved
        case .cleared: .cleared
        case .handedOver: .handedOver
        }
    }

    public static func innerName(of event: Event) -> String? {
        if case .openedForGuest = event { "CartOpenedForGuest" } else { nil }
    }

    public static func describe(_ event: Event, of id: CustomerID, state: Cart?, in fields: inout EventFields) {
        fields.append("customer_id", id)
        switch event {
        case .itemSet(let sku, let quantity):
            fields.append("sku", sku)
            fields.append("quantity", quantity)
        case .itemRemoved(let sku): fields.append("sku", sku)
        case .handedOver(let handover): fields.append("to", handover.customer)
        case .cleared, .openedForGuest: break
        }
    }
}
