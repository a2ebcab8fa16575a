/// When an archive takes a new base.
enum BasePace: Equatable, Sendable {
    case time(Duration)
    case entries(UInt64)

    /// Reads `6h`, or a number of entries; nil when it is neither.
    init?(_ text: String) {
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3_600, "d": 86_400]
        if let count = UInt64(text), count > 0 {
            self = .entries(count)
        } else if let unit = text.last.flatMap({ units[$0] }), let count = Int64(text.dropLast()),
            (1...Self.countMax).contains(count)
        {
            self = .time(.seconds(count * unit))
        } else {
            return nil
        }
    }

    /// Of days, some thousand years.
    private static let countMax: Int64 = 1_000_000
}
