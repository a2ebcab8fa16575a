import Checkout
import Commerce
import EventSourcing
import Schema

/// An event of the feed as CloudEvents 1.0 in JSON: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md
struct CloudEvent {
    let event: FeedEvent
    /// Without it the event says only what happened to whom.
    var hasData = true

    /// Names the shop among the sources of events that a client may follow.
    static let source = "/cloudretail"
    static let mediaType = "application/cloudevents+json"

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("specversion", "1.0")
            json.field("id", event.id)
            json.field("source", Self.source)
            json.field("type", event.name.description)
            json.field("subject", event.event.subject)
            json.field("time", event.time)
            if let actor = event.actor { json.field("actor", actor) }
            guard hasData else { return }
            json.field("datacontenttype", "application/json")
            json.object("data") { event.event.fields(state: event.order).write(to: &$0) }
        }
    }
}

extension FeedEvent {
    /// The event as the feed tells it, with or without what it tells: one object of JSON.
    public func cloudEvent(hasData: Bool = true) -> String {
        var json = JSONWriter()
        CloudEvent(event: self, hasData: hasData).write(to: &json)
        return String(decoding: json.bytes, as: UTF8.self)
    }
}

extension EventFields {
    /// Writes the fields as members of an object.
    public func write(to json: inout JSONWriter) {
        for member in members {
            switch member {
            case .field(let name, let value): value.write(name, to: &json)
            case .details(let details): details.write(to: &json)
            }
        }
    }
}

extension EventFields.Value {
    fileprivate func write(_ name: StaticString, to json: inout JSONWriter) {
        switch self {
        case .text(let text): json.field(name, text)
        case .number(let number): json.field(name, number)
        case .flag(let flag): json.field(name, flag)
        case .time(let time): json.field(name, time)
        case .money(let money): json.field(name, money)
        case .list(let elements):
            json.array(name) { json in for fields in elements { json.object { fields.write(to: &$0) } } }
        case .texts(let texts): json.array(name) { json in for text in texts { json.value(text) } }
        case .absent: json.field(name, String?.none)
        }
    }
}
