/// Stored bytes that are not what should lie there.
public struct FormatDamage: Error, Hashable, Sendable {
    /// What is wrong with them, for a person to read.
    public let reason: String
    public init(_ reason: String) { self.reason = reason }
}
