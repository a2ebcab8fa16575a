import EventSourcing

/// The place of an event in the log of a shard.
public struct EventPlace: Sendable, Hashable, Comparable {
    /// Of its record.
    public let index: LogIndex
    /// Among the events of the record, from 1 on.
    public let number: Int

    public init(index: LogIndex, number: Int) {
        self.index = index
        self.number = number
    }

    public static func < (left: Self, right: Self) -> Bool { (left.index, left.number) < (right.index, right.number) }
}

/// An event that an endpoint has not taken at the first attempt.
public struct WebhookDelivery: Sendable, Hashable {
    public let place: EventPlace
    /// The public name of the event.
    public let name: String
    /// When it was tried for the first time.
    public let firstAt: Timestamp
    public internal(set) var attempts: Int
    /// When it is tried again.
    public internal(set) var dueAt: Timestamp
    /// Of the last attempt.
    public internal(set) var cause: WebhookCause

    public init(
        place: EventPlace, name: String, firstAt: Timestamp, attempts: Int, dueAt: Timestamp, cause: WebhookCause
    ) {
        self.place = place
        self.name = name
        self.firstAt = firstAt
        self.attempts = attempts
        self.dueAt = dueAt
        self.cause = cause
    }
}

/// Why an event was not taken: the status of the answer, or one of the numbers below 100. They are never reused.
public struct WebhookCause: RawRepresentable, Sendable, Hashable {
    public let rawValue: UInt16

    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// No answer came in time, or no connection.
    public static let unanswered = WebhookCause(rawValue: 0)
    /// The log no longer has it, or it has waited for so long that the log is not kept for it.
    public static let expired = WebhookCause(rawValue: 1)
    /// The endpoint's name leads nowhere, or to where nothing is sent.
    public static let address = WebhookCause(rawValue: 2)

    /// Of the answer; nil when there was none.
    public var status: Int? { rawValue < 100 ? nil : Int(rawValue) }
}
