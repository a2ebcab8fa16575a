import Checkout
import Commerce
import Crypto
import EventSourcing

/// The body of `POST /orders`.
extension OrderRequest {
    /// The longest name under which another system may know a customer.
    static let customerReferenceLengthMax = 64
    private static let staffOnly = "is for staff only"

    /// - Parameters:
    ///   - principal: who asks; a member of staff may set prices and order for a customer, a guest says where the shop
    ///     reaches them.
    ///   - key: of the request, which is kept with its sender.
    static func decode(
        _ document: JSONDocument, by principal: Principal, under key: RequestKey
    ) throws -> OrderRequest {
        let isStaff = principal.role >= .staff
        let customerID = try principal.customerID
        return try document.decode { (body: inout ObjectReader) -> OrderRequest? in
            let items = body.objects("items", count: 1...Placement.linesMax) { item in readItem(&item, isStaff: isStaff)
            }
            let expected = body.optionalInteger("expected_total", in: 0...Int64.max)
            let address = body.optionalObject("shipping_address") { readAddress(&$0) }
            let method = body.optionalValue(
                "payment_method", length: 1...Placement.paymentMethodLengthMax, PlacementField.paymentMethodDetail
            ) {
                Placement.isPaymentMethod($0) ? $0 : nil
            }
            let clearsCart = body.optionalBoolean("clear_cart") ?? false
            if !isStaff { body.refuse(["customer_id", "customer_reference"], staffOnly) }
            let customer = isStaff ? readCustomer(&body) : nil
            guard let sender = readSender(&body, principal.role), let items else { return nil }
            return OrderRequest(
                customer: customer ?? customerID, placedBy: customerID, items: items, expectedTotal: expected,
                shippingAddress: address, paymentMethod: method, key: key.id(on: customerID.slot),
                fingerprint: key.fingerprint, clearsCart: clearsCart, sender: sender)
        }
    }

    private static func readSender(_ body: inout ObjectReader, _ role: Principal.Role) -> OrderSender? {
        switch role {
        case .guest: body.email("email").map { .guest($0) }
        case .customer: .customer
        case .staff, .admin: .staff
        }
    }

    private static func readItem(_ item: inout ObjectReader, isStaff: Bool) -> Item? {
        let sku = item.value("sku", length: 1...SKU.lengthMax, FieldForm.sku) { SKU($0) }
        let quantity = item.integer("quantity", in: 1...Placement.quantityMax.rawValue)
        if !isStaff { item.refuse(["unit_price"], staffOnly) }
        let price = isStaff ? item.optionalInteger("unit_price", in: 0...Placement.unitPriceMax) : nil
        guard let sku, let quantity, let units = Units(quantity) else { return nil }
        return Item(sku: sku, quantity: units, unitPrice: price)
    }

    /// An id of ours, or the name under which another system knows the customer.
    private static func readCustomer(_ body: inout ObjectReader) -> CustomerID? {
        let id = body.optionalValue("customer_id", FieldForm.customerID) { CustomerID($0) }
        let reference = body.optionalString("customer_reference", length: 1...customerReferenceLengthMax)
        return id ?? reference.map(CustomerID.init(reference:))
    }

    static func readAddress(_ address: inout ObjectReader) -> ShippingAddress? {
        let length = 1...ShippingAddress.fieldLengthMax
        let name = address.name("name", length: length)
        let line1 = address.name("line1", length: length)
        let line2 = address.optionalName("line2", length: length)
        let city = address.name("city", length: length)
        let region = address.optionalName("region", length: length)
        let postalCode = address.optionalName("postal_code", length: length)
        let texts: [(StaticString, String?)] = [
            ("name", name), ("line1", line1), ("line2", line2), ("city", city), ("region", region),
            ("postal_code", postalCode),
        ]
        for case (let field, let text?) in texts where !text.isText(length) {
            _ = address.refuse(field, "must not have control characters") as String?
        }
        let country = address.value("country", length: 2...2, FieldForm.country) { text in
            Country.isListed(text) ? text : nil
        }
        guard let name, let line1, let city, let country else { return nil }
        return ShippingAddress(
            name: name, line1: line1, line2: line2, city: city, region: region, postalCode: postalCode, country: country
        )
    }
}

extension CustomerID {
    /// The customer that another system calls `reference`: always the same id for the same text.
    init(reference: String) {
        let digest = Array(SHA256.hash(data: Array(reference.utf8)))
        let random = digest.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        self.init(at: .zero, slot: Slot(hashing: reference), random: random)
    }
}
