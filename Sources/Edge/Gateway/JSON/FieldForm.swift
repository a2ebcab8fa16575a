import Commerce

/// What is said of a field whose text has not the form that it needs: always the form itself.
enum FieldForm {
    static let sku =
        "must be a SKU: 1 to \(SKU.lengthMax) printable ASCII characters, none of them a slash, backslash or quotation "
        + "mark, and no space first or last"
    static let email =
        "must be an e-mail address such as ann@example.com, in ASCII, of at most \(EmailAddress.lengthMax) characters"
    static let customerID = "must be a customer id: cus_ and 26 digits and letters"
    static let currency = "must be an ISO 4217 code, such as EUR"
    static let country = "must be an ISO 3166-1 alpha-2 code, such as DE"
    static let orderStatus = one(of: OrderStatus.allCases.map(\.code))
    static let adjustmentReason = one(of: AdjustmentReason.codes)
    static let eventNames = "must be names of events such as OrderPlaced, separated by commas"
    static let delivery = "must be the id of an event as the endpoint's deliveries list it"
    static let moment = "must be a moment as RFC 3339 has it, such as 2026-11-30T18:20:11Z"
    static let cursor = "must be the next_cursor of a page of this list"

    static func one(of names: some Sequence<String>) -> String {
        "must be one of \(names.joined(separator: ", "))"
    }
}
