import ActorSystem
import Commerce
import EventSourcing
import Schema

extension ShopAudit {
    /// One aggregate that two nodes' records make into two different things.
    public struct Difference: Equatable, Sendable {
        public let kind: String
        public let id: String
        /// What this fold has of it, and the other one: words for people, without a secret.
        public let here: String
        public let there: String
    }

    /// The first aggregate of which two folds that have come to the same records say different things; nil when they
    /// say the same of all.
    public func firstDifference(from other: ShopAudit) -> Difference? {
        let time = logs.map(\.time).max() ?? .zero
        if let found = stockDifference(stocks, other.stocks) { return found }
        for folded in Self.folded { if let found = folded.difference(of: self, from: other, at: time) { return found } }
        return nil
    }

    private func stockDifference(
        _ here: FlatTable<SKU, StockLedger>, _ there: FlatTable<SKU, StockLedger>
    ) -> Difference? {
        let differing = Set(here.keys).union(there.keys).filter { sku in
            guard let one = here[sku], let other = there[sku] else { return true }
            return !one.agrees(with: other)
        }
        func words(_ ledger: StockLedger?) -> String {
            ledger.map { "version \($0.version), on hand \($0.onHand), reserved \($0.reserved)" } ?? "nothing"
        }
        return differing.min { "\($0)" < "\($1)" }.map { sku in
            Difference(kind: "stock", id: "\(sku)", here: words(here[sku]), there: words(there[sku]))
        }
    }
}
