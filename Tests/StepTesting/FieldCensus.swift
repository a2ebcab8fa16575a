/// Which optional fields of values are there, and which are absent: a field that no sample has can be lost unseen.
///
/// A field has the name of its type, or of its case of an enum, before its own: `Placement.email`.
public struct FieldCensus {
    public private(set) var present: Set<String> = []
    public private(set) var absent: Set<String> = []

    public init() {}

    /// Counts all fields of `value`, and of what it holds.
    public mutating func take(_ value: Any) { take(value, as: Self.name(of: value)) }

    private mutating func take(_ value: Any, as path: String) {
        let mirror = Mirror(reflecting: value)
        switch mirror.displayStyle {
        case .optional:
            guard let wrapped = mirror.children.first?.value else {
                absent.insert(path)
                return
            }
            present.insert(path)
            take(wrapped, as: path)
        case .collection, .set, .dictionary: for element in mirror.children { take(element.value, as: path) }
        case .tuple: for child in mirror.children { take(child.value, as: "\(path).\(child.label ?? "")") }
        default:
            let name = Self.name(of: value)
            for child in mirror.children { take(child.value, as: "\(name).\(child.label ?? "")") }
        }
    }

    private static func name(of value: Any) -> String { "\(type(of: value))" }
}
