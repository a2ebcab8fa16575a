/// What a file of an archive is called, and so what it holds.
///
///     base-000000000120.snapshot              a snapshot of the whole shop
///     log-000000000120-000000000345.snapshot  what was committed behind the first place, up to the second
///     gap-000000000345-000000000900.json      what was never archived
///
/// The numbers count the entries of all shards together (`LogPosition.count`): of one shard they are its indexes.
public enum ArchiveName: Hashable, Sendable, LosslessStringConvertible {
    case base(UInt64)
    case log(after: UInt64, through: UInt64)
    case gap(after: UInt64, through: UInt64)

    private static let digits = 12

    /// So many entries lie at and before the end of what it holds.
    public var count: UInt64 {
        switch self {
        case .base(let count): count
        case .log(_, let through), .gap(_, let through): through
        }
    }

    public var description: String {
        switch self {
        case .base(let count): "base-\(Self.text(count)).snapshot"
        case .log(let after, let through): "log-\(Self.text(after))-\(Self.text(through)).snapshot"
        case .gap(let after, let through): "gap-\(Self.text(after))-\(Self.text(through)).json"
        }
    }

    private static func text(_ count: UInt64) -> String {
        let text = String(count)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }

    /// Reads a name; nil when it is that of another file.
    public init?(_ text: String) {
        let numbers = text.split { $0 == "-" || $0 == "." }.dropFirst().compactMap { UInt64($0) }
        switch numbers.count {
        case 1: self = .base(numbers[0])
        case 2 where text.hasPrefix("log"): self = .log(after: numbers[0], through: numbers[1])
        case 2: self = .gap(after: numbers[0], through: numbers[1])
        default: return nil
        }
        guard description == text else { return nil }
    }
}
