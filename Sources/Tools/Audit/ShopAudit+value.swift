import Commerce

/// What orders were paid, as reports tell it.
extension ShopAudit {
    /// Minor units of all currencies together: money where there is one currency, and else a mere sum to compare.
    public var valueMinor: Int64 { values.values.reduce(0) { $0.addingUpToMax($1) } }

    /// Minor units of each currency, by its code.
    public var valueMinorByCurrency: [String: Int64] {
        Dictionary(uniqueKeysWithValues: values.map { ($0.key.description, $0.value) })
    }
}

extension Int64 {
    func addingUpToMax(_ other: Int64) -> Int64 {
        let (sum, isTooMuch) = addingReportingOverflow(other)
        return isTooMuch ? .max : sum
    }
}
