import Checkout
import EventSourcing

/// An event as the bus takes it.
struct EventEntry: Sendable, Hashable {
    /// What it happened to: events of one subject are told in their order.
    let subject: String
    let type: String
    /// An object of JSON.
    let detail: String
    let time: Timestamp

    /// By which rules of the bus tell the shop's events from others.
    static let source = "cloudretail"
    /// The service's own limit, of one entry and of one call.
    static let bytesMax = 256 << 10
    /// What the service counts for the time.
    private static let timeBytes = 14

    init(subject: String, type: String, detail: String, time: Timestamp) {
        self.subject = subject
        self.type = type
        self.detail = detail
        self.time = time
    }

    /// - Parameter describe: the event as an object of JSON, with or without what it tells. Without it where it is too
    ///   long for the bus: whom it concerns can still ask for it.
    init(_ event: FeedEvent, _ describe: (FeedEvent, _ hasData: Bool) -> String) {
        let whole = EventEntry(
            subject: event.event.subject, type: event.name.description, detail: describe(event, true), time: event.time)
        self =
            whole.size <= Self.bytesMax
            ? whole
            : EventEntry(
                subject: whole.subject, type: whole.type, detail: describe(event, false), time: event.time)
    }

    /// In bytes, as the service counts. Source: "Calculating PutEvents event entry size", Amazon EventBridge user
    /// guide.
    var size: Int { Self.source.utf8.count + type.utf8.count + detail.utf8.count + Self.timeBytes }
}
