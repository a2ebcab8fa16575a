/// How much stock a replay puts on hand before it sells.
public enum StockPlan: Equatable, Sendable {
    /// Exactly the units sold: every order can be filled and nothing is left.
    case exact
    /// A share of the units sold of each SKU, in millionths, rounded down: some orders must be refused.
    case short(millionths: Int64)

    /// Reads `exact` or `short:0.9`; nil for anything else.
    public init?(_ text: String) {
        if text == "exact" {
            self = .exact
            return
        }
        guard text.hasPrefix("short:"),
            let millionths = try? MinorUnits.parse(String(text.dropFirst("short:".count)), exponent: 6),
            (0...1_000_000).contains(millionths)
        else { return nil }
        self = .short(millionths: millionths)
    }

    /// The units to put on hand when `sold` are going to be asked for.
    func units(forSold sold: Int64) -> Int64 {
        switch self {
        case .exact: sold
        case .short(let millionths):
            Int64(1_000_000).dividingFullWidth(sold.multipliedFullWidth(by: millionths)).quotient
        }
    }

    /// Tells plans apart in idempotency keys.
    var name: String {
        switch self {
        case .exact: "exact"
        case .short(let millionths): "short-\(millionths)"
        }
    }
}
