/// The version of a resource as an entity tag (RFC 9110, section 8.8.3).
public struct EntityTag: Hashable, Sendable {
    /// With its quotes.
    public let text: String

    public init(text: String) { self.text = text }

    /// - Parameter version: the aggregate's; it changes with every change of the resource.
    public init(version: some BinaryInteger) { text = "\"\(version)\"" }

    /// For what has no version of its own.
    /// - Parameter opaque: letters, digits and the like; no quotes.
    public init(opaque: String) { text = "\"\(opaque)\"" }

    /// Whether the list of a condition names this tag. Weak tags compare as equal when `isWeak` (section 8.8.3.2).
    public func isNamed(by condition: String, isWeak: Bool) -> Bool {
        Self.hasTag(condition, isWeak: isWeak) { $0 == text }
    }

    /// Whether a list of tags has one that is meant. A list that is malformed ends where it is so.
    public static func hasTag(_ list: String, isWeak: Bool, where isMeant: (Substring) -> Bool) -> Bool {
        var rest = Substring(list)
        while true {
            rest = rest.drop { $0 == " " || $0 == "\t" || $0 == "," }
            let hasPrefix = rest.hasPrefix("W/")
            if hasPrefix { rest = rest.dropFirst(2) }
            guard rest.first == "\"", let end = rest.dropFirst().firstIndex(of: "\"") else { return false }
            if isWeak || !hasPrefix, isMeant(rest[...end]) { return true }
            rest = rest[rest.index(after: end)...]
        }
    }

    /// Whether a condition names the revision, whatever else of the answer has changed.
    static func isRevision(_ revision: String, namedBy condition: String, isWeak: Bool) -> Bool {
        hasTag(condition, isWeak: isWeak) { $0.hasPrefix("\"\(revision)-") }
    }
}
