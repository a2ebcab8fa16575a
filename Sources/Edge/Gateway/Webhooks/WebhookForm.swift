import Checkout
import Commerce
import Schema

/// What a request says of an endpoint; what it leaves out stays as it is.
struct WebhookForm {
    private struct Address {
        let url: String
        let host: String
    }

    let url: String?
    let types: [String]?
    let description: String?
    let isEnabled: Bool?

    /// - Returns: nil when an error has been noted.
    init?(_ body: inout ObjectReader, opensPrivate: Bool, requiresURL: Bool) {
        let detail = "must be an address: https://host:port/path, its host a name in small letters or four numbers"
        let length = 1...WebhookEndpoint.Settings.urlLengthMax
        func checked(_ text: String) -> Address? {
            WebhookURL.host(of: text, allowsPlain: opensPrivate).map { Address(url: text, host: $0) }
        }
        let address =
            requiresURL
            ? body.value("url", length: length, detail, checked)
            : body.optionalValue("url", length: length, detail, checked)
        if let address, !AddressGuard.allows(host: address.host, opensPrivate: opensPrivate) {
            body.refuse(["url"], "is within a network that is not open to endpoints")
        }
        url = address?.url
        types = body.optionalStrings("types", count: 0...WebhookEndpoint.Settings.typesMax, length: 1...64)
        description = body.optionalString("description", length: 0...WebhookEndpoint.Settings.descriptionLengthMax)
        if description?.isText(0...WebhookEndpoint.Settings.descriptionLengthMax, multiline: true) == false {
            body.refuse(["description"], "must not have control characters")
        }
        isEnabled = body.optionalBoolean("enabled")
        if requiresURL, url == nil { return nil }
    }

    /// - Throws: 422 when a type is the name of no event.
    func applied(to settings: WebhookEndpoint.Settings) throws(Problem) -> WebhookEndpoint.Settings {
        if let place = types?.firstIndex(where: { EventName($0) == nil }) {
            let error = FieldError(pointer: "/types/\(place)", detail: "is the name of no event")
            throw FieldErrors([error]).problem
        }
        return WebhookEndpoint.Settings(
            url: url ?? settings.url, types: types.map { Set($0).sorted() } ?? settings.types,
            description: description ?? settings.description, isEnabled: isEnabled ?? settings.isEnabled)
    }
}
