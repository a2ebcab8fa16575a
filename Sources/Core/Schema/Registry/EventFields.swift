import Commerce
import EventSourcing

/// What the feed tells of an event: fields in their order, without a form. The gateway makes JSON of them.
public struct EventFields: Sendable {
    public enum Value: Sendable {
        case text(String)
        case number(Int64)
        case flag(Bool)
        case time(Timestamp)
        case money(Money)
        case list([EventFields])
        case texts([String])
        /// Known to be absent, and said so.
        case absent
    }

    public enum Member: Sendable {
        case field(StaticString, Value)
        /// The fields of a product's details, as its document has them.
        case details(Product.Details)
    }

    public private(set) var members: [Member] = []

    public init() {}

    init(_ build: (inout EventFields) -> Void) { build(&self) }

    mutating func append(_ name: StaticString, _ value: Value) { members.append(.field(name, value)) }
    mutating func append(_ details: Product.Details) { members.append(.details(details)) }

    mutating func append(_ name: StaticString, _ text: String) { append(name, .text(text)) }
    mutating func append(_ name: StaticString, _ text: String?) { append(name, text.map { .text($0) } ?? .absent) }
    mutating func append(_ name: StaticString, _ number: Int64) { append(name, .number(number)) }
    mutating func append(_ name: StaticString, _ number: Int) { append(name, .number(Int64(number))) }
    mutating func append(_ name: StaticString, _ units: Units) { append(name, .number(units.rawValue)) }
    mutating func append(_ name: StaticString, _ flag: Bool) { append(name, .flag(flag)) }
    mutating func append(_ name: StaticString, _ time: Timestamp) { append(name, .time(time)) }
    mutating func append(_ name: StaticString, _ time: Timestamp?) { append(name, time.map { .time($0) } ?? .absent) }
    mutating func append(_ name: StaticString, _ money: Money) { append(name, .money(money)) }
    mutating func append(_ name: StaticString, _ index: LogIndex) { append(name, Int64(clamping: index.rawValue)) }
    mutating func append(_ name: StaticString, _ texts: [String]) { append(name, .texts(texts)) }
    mutating func append(_ name: StaticString, _ id: some AggregateID) { append(name, .text(id.description)) }

    /// A list of objects, one for each of `elements`.
    mutating func append<Element>(
        _ name: StaticString, _ elements: [Element], _ describe: (Element, inout EventFields) -> Void
    ) {
        append(name, .list(elements.map { element in EventFields { describe(element, &$0) } }))
    }
}
