import ActorSystem
import Commerce
import EventSourcing
import Schema

extension ShopAudit {
    /// What one fold judges. No judgement looks at the catalogue and at something else, so that two threads may fold
    /// the same logs, each a part, and `join` makes one fold of both.
    public enum Part: Sendable {
        case whole
        /// Products and the SKUs that they have claimed.
        case catalogue
        /// All other kinds; whether the records are in order and can be read.
        case others

        func takes(_ kind: AggregateKind) -> Bool {
            switch self {
            case .whole: true
            case .catalogue: kind == Product.kind || kind == SKUClaim.kind
            case .others: kind != Product.kind && kind != SKUClaim.kind
            }
        }

        var judgesRecords: Bool { self != .catalogue }
    }

    /// Makes a fold of the other kinds the whole one. To be called when both have taken everything, and before the end
    /// is judged.
    public mutating func join(_ catalogue: ShopAudit) {
        precondition(part == .others && catalogue.part == .catalogue, "these are no two parts of one fold")
        part = .whole
        products = catalogue.products
        skuClaims = catalogue.skuClaims
        findings.join(catalogue.findings)
    }
}
