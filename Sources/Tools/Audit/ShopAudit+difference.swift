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
        if let found = difference(of: "stock", stocks, other.stocks) { return found }
        if let found = difference(of: "order", orders, other.orders, at: time) { return found }
        if let found = difference(of: "idempotency key", keys, other.keys, at: time) { return found }
        if let found = difference(of: "cart", carts, other.carts, at: time) { return found }
        if let found = difference(of: "product", products, other.products, at: time) { return found }
        if let found = difference(of: "e-mail address", emailClaims, other.emailClaims, at: time) { return found }
        if let found = difference(of: "SKU", skuClaims, other.skuClaims, at: time) { return found }
        if let found = difference(of: "account", accounts, other.accounts, at: time) { return found }
        if let found = difference(of: "session", sessions, other.sessions, at: time) { return found }
        if let found = difference(of: "log-ins", logIns, other.logIns, at: time) { return found }
        if let found = difference(of: "consumer", positions, other.positions, at: time) { return found }
        if let found = difference(of: "verification key", tokenKeys, other.tokenKeys, at: time) { return found }
        if let found = difference(of: "upgrade", upgrades, other.upgrades, at: time) { return found }
        if let found = difference(of: "webhooks", webhooks, other.webhooks, at: time) { return found }
        return difference(of: "webhook", webhookProgress, other.webhookProgress, at: time)
    }

    private func difference<A>(of kind: String, _ here: Fold<A>, _ there: Fold<A>, at time: Timestamp) -> Difference? {
        here.firstDifference(from: there, at: time).map { id in
            Difference(kind: kind, id: "\(id)", here: here.words(on: id), there: there.words(on: id))
        }
    }

    private func difference(
        of kind: String, _ here: [SKU: StockLedger], _ there: [SKU: StockLedger]
    ) -> Difference? {
        let differing = Set(here.keys).union(there.keys).filter { sku in
            guard let one = here[sku], let other = there[sku] else { return true }
            return !one.agrees(with: other)
        }
        func words(_ ledger: StockLedger?) -> String {
            ledger.map { "version \($0.version), on hand \($0.onHand), reserved \($0.reserved)" } ?? "nothing"
        }
        return differing.min { "\($0)" < "\($1)" }.map { sku in
            Difference(kind: kind, id: "\(sku)", here: words(here[sku]), there: words(there[sku]))
        }
    }
}
