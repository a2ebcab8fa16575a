import EventSourcing

/// An aggregate of the shop, and what of it is seen outside.
///
/// What the feed tells stands here, beside the event, and nowhere else: its name, and its fields.
public protocol RetailAggregate: Recorded {
    /// The names of its events outside the shop, such as `OrderPlaced`. A name is given once and never changed.
    associatedtype PublicName: RawRepresentable<String>, CaseIterable, Sendable = Unpublished

    /// Stands before the id where a log is printed for people; empty where the id itself says what it is of.
    static var label: String { get }

    /// The name of `event` outside the shop; nil for an event that stays inside.
    static func publicName(of event: Event) -> PublicName?

    /// What a printed log calls an event that stays inside; nil for one that has a public name. No two events share a
    /// name of either sort.
    static func innerName(of event: Event) -> String?

    /// Appends what is told of an event, by the feed where it has a public name and by a printed log in any case:
    /// never a password's hash, a digest or a token.
    ///
    /// - Parameter state: the aggregate as it stands, where the reader has it.
    static func describe(_ event: Event, of id: ID, state: Self?, in fields: inout EventFields)
}

extension RetailAggregate {
    public static var label: String { "" }
    public static func innerName(of event: Event) -> String? { nil }
}

/// The names of the events of an aggregate that stays inside the shop: none.
public enum Unpublished: RawRepresentable, CaseIterable, Sendable {
    public init?(rawValue: String) { nil }
    public var rawValue: String { switch self {} }
    public static let allCases: [Unpublished] = []
}

extension RetailAggregate where PublicName == Unpublished {
    public static func publicName(of event: Event) -> Unpublished? { nil }
}
