/// The name of an event outside the shop, one of those that the registry's aggregates give.
public struct EventName: Hashable, Sendable, CustomStringConvertible {
    public let description: String

    init<A: RetailAggregate>(_ name: A.PublicName, of _: A.Type) { description = name.rawValue }

    /// The event that is called `text`; nil when none is.
    public init?(_ text: String) {
        guard let name = Self.all[text] else { return nil }
        self = name
    }

    private static let all: [String: EventName] = {
        var names = Names()
        Registry.visit(&names)
        return Dictionary(uniqueKeysWithValues: names.found.map { ($0.description, $0) })
    }()

    private struct Names: RegistryVisitor {
        var found: [EventName] = []
        mutating func visit<A: RetailAggregate>(_: A.Type) {
            found += A.PublicName.allCases.map { EventName($0, of: A.self) }
        }
    }
}
