import Commerce
import EventSourcing
import Foundation
import HTTPTypes
import Hummingbird
import Schema

extension JSONWriter {
    /// An endpoint, without its secrets.
    mutating func value(_ endpoint: WebhookEndpoint) { object { $0.fields(endpoint) } }

    fileprivate mutating func fields(_ endpoint: WebhookEndpoint) {
        field("id", endpoint.id)
        field("url", endpoint.settings.url)
        array("types") { json in for type in endpoint.settings.types { json.value(type) } }
        field("description", endpoint.settings.description)
        field("enabled", endpoint.settings.isEnabled)
        field("fault", endpoint.fault?.publicCode)
        field("since", endpoint.since)
        field("previous_secret_until", endpoint.previous?.until)
    }
}

extension Response {
    init(_ endpoint: WebhookEndpoint) {
        var json = JSONWriter()
        json.value(endpoint)
        self.init(json: json)
    }

    /// With the secret, which is told once: in the form of Standard Webhooks, base 64 of the standard alphabet.
    init(
        _ endpoint: WebhookEndpoint, secret: WebhookSecret, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]
    ) {
        var json = JSONWriter()
        json.object { json in
            json.fields(endpoint)
            json.field("secret", "whsec_" + Data(secret.bytes).base64EncodedString())
        }
        var headers = headers
        headers[.cacheControl] = "no-store"
        self.init(status: status, headers: headers, json: json)
    }
}
