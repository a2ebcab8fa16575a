import Checkout
import Commerce
import Schema

/// What a request says of an endpoint; what it leaves out stays as it is.
struct WebhookForm {
    let url: String?
    let types: [String]?
    let description: String?
    let isEnabled: Bool?

    /// - Returns: nil when an error has been noted.
    init?(_ body: inout ObjectReader, allowsPlain: Bool, requiresURL: Bool) {
        let detail = "must be an address: https://host:port/path, its host a name in small letters or four numbers"
        let length = 1...WebhookEndpoint.Settings.urlLengthMax
        func checked(_ text: String) -> String? {
            WebhookURL.host(of: text, allowsPlain: allowsPlain).map { _ in text }
        }
        url =
            requiresURL
            ? body.value("url", length: length, detail, checked)
            : body.optionalValue("url", length: length, detail, checked)
        types = body.optionalStrings("types", count: 0...WebhookEndpoint.Settings.typesMax, length: 1...64)
        description = body.optionalString("description", length: 0...WebhookEndpoint.Settings.descriptionLengthMax)
        isEnabled = body.optionalBoolean("enabled")
        if requiresURL, url == nil { return nil }
    }

    /// - Throws: 422 when a type is the name of no event.
    func applied(to settings: WebhookEndpoint.Settings) throws(Problem) -> WebhookEndpoint.Settings {
        if let place = types?.firstIndex(where: { EventName($0) == nil }) {
            let error = FieldError(pointer: "/types/\(place)", detail: "is the name of no event")
            throw Problem(.invalidFields, "\(error.pointer) \(error.detail).", errors: [error])
        }
        return WebhookEndpoint.Settings(
            url: url ?? settings.url, types: types.map { Set($0).sorted() } ?? settings.types,
            description: description ?? settings.description, isEnabled: isEnabled ?? settings.isEnabled)
    }
}
