import ActorSystem
import Commerce
import EventSourcing
import Schema

/// Where a log begins, and what the whole of the logs has to say.
extension ShopAudit {
    // MARK: - The beginning

    /// Begins at the saved states of a shard whose log has lost its beginning. To be called before its first record.
    public mutating func begin(_ states: any StateStore, of shard: ShardID) throws {
        try begin(Order.self, states, shard)
        try begin(IdempotencyKey.self, states, shard)
        try begin(Cart.self, states, shard)
        try begin(Product.self, states, shard)
        try begin(EmailClaim.self, states, shard)
        try begin(SKUClaim.self, states, shard)
        try begin(Account.self, states, shard)
        try begin(Session.self, states, shard)
        try begin(LogIns.self, states, shard)
        try begin(ConsumerPosition.self, states, shard)
        try begin(VerificationKey.self, states, shard)
        try begin(ClusterUpgrade.self, states, shard)
        try begin(Webhooks.self, states, shard)
        try begin(WebhookProgress.self, states, shard)
        try begin(Stock.self, states, shard)
    }

    private mutating func begin<A: Recorded>(_: A.Type, _ states: any StateStore, _ shard: ShardID) throws {
        guard part.takes(A.kind) else { return }
        try StoredStates.forEach(A.self, in: states) { begin($0.id, try $0.read(), of: shard) }
    }

    /// Begins at one saved state.
    public mutating func begin<A: Recorded>(_ id: A.ID, _ saved: Versioned<A>, of shard: ShardID) {
        if !isHome(id, shard) { find("\(id) lives on shard \(self.shard(of: id.slot))", at: .savedState(shard)) }
        logs[Int(shard.rawValue)].savedThrough = max(logs[Int(shard.rawValue)].savedThrough, saved.index)
        switch A.kind {
        case Order.kind:
            begin(\.orders, id, saved)
            if let order = saved.state as? Order, isHome(order.id, shard) {
                noteCharge(of: order, at: .savedState(shard))
            }
        case IdempotencyKey.kind: begin(\.keys, id, saved)
        case Cart.kind: begin(\.carts, id, saved)
        case Product.kind: begin(\.products, id, saved)
        case EmailClaim.kind: begin(\.emailClaims, id, saved)
        case SKUClaim.kind: begin(\.skuClaims, id, saved)
        case Account.kind: begin(\.accounts, id, saved)
        case Session.kind: begin(\.sessions, id, saved)
        case LogIns.kind: begin(\.logIns, id, saved)
        case ConsumerPosition.kind: begin(\.positions, id, saved)
        case VerificationKey.kind: begin(\.tokenKeys, id, saved)
        case ClusterUpgrade.kind: begin(\.upgrades, id, saved)
        case Webhooks.kind: begin(\.webhooks, id, saved)
        case WebhookProgress.kind: begin(\.webhookProgress, id, saved)
        default: if let stock = saved as? Versioned<Stock> { begin(stock) }
        }
    }

    private mutating func begin(_ saved: Versioned<Stock>) {
        stocks[saved.state.id] = StockLedger(saved)
        for hold in saved.state.held { begin(hold, of: saved.state.id) }
    }

    private mutating func begin<A: Recorded, B>(
        _ fold: WritableKeyPath<Self, Fold<B>>, _ id: A.ID, _ saved: Versioned<A>
    ) {
        guard let id = id as? B.ID, let saved = saved as? Versioned<B> else { return }
        self[keyPath: fold].begin(saved, id: id)
    }

    // MARK: - The saved states

    /// Compares a shard's saved states with what its records make, as far as they go. To be called behind its last
    /// record.
    public mutating func compare(_ states: any StateStore, of shard: ShardID) throws {
        try compareStocks(states)
        try compare(orders, states, shard)
        try compare(keys, states, shard)
        try compare(carts, states, shard)
        try compare(products, states, shard)
        try compare(emailClaims, states, shard)
        try compare(skuClaims, states, shard)
        try compare(accounts, states, shard)
        try compare(sessions, states, shard)
        try compare(logIns, states, shard)
        try compare(positions, states, shard)
        try compare(tokenKeys, states, shard)
        try compare(upgrades, states, shard)
        try compare(webhooks, states, shard)
        try compare(webhookProgress, states, shard)
    }

    private mutating func compareStocks(_ states: any StateStore) throws {
        guard part.takes(Stock.kind) else { return }
        try StoredStates.forEach(Stock.self, in: states) { stored in
            let (sku, saved) = (stored.id, try stored.read())
            guard let ledger = stocks[sku] else { return find("\(sku): saved, but not in the log", at: .end) }
            if ledger.version < saved.version {
                find("\(sku): saved at version \(saved.version), the log ends at \(ledger.version)", at: .end)
            } else if ledger.version == saved.version, !ledger.agrees(with: saved.state) {
                find("\(sku): the saved state differs from the log", at: .end)
            }
        }
    }

    private mutating func compare<A>(_ fold: Fold<A>, _ states: any StateStore, _ shard: ShardID) throws {
        guard part.takes(A.kind) else { return }
        let time = logs[Int(shard.rawValue)].time
        try StoredStates.forEach(A.self, in: states) { stored in
            if let difference = try fold.difference(from: stored, at: time) { find(difference, at: .end) }
        }
    }

    // MARK: - The end

    /// Judges what only the whole of the logs shows. To be called behind the last record of every shard.
    ///
    /// - Parameters:
    ///   - ends: the last committed index of each shard's log.
    ///   - isReplica: whether these are the logs of one replica, which may know more of one shard than of another.
    ///     What that explains is `unfitting`.
    public mutating func finish(ends: [LogIndex], isReplica: Bool = false) {
        for id in books.keys.sorted() { judge(id, on: nil, at: .end, replicaEndingAt: isReplica ? ends : nil) }
        for (id, place) in unkeyed.sorted(by: { $0.key < $1.key }) where !keyed.contains(id) {
            find("\(id) is placed without its key", at: place)
        }
        unkeyed = [:]
        for (key, order, place) in released { judge(key, givingUp: order, at: place) }
        released = []
        for id in positions.ids {
            guard let position = positions[id]?.position, Int(id.source.rawValue) < ends.count else { continue }
            let end = ends[Int(id.source.rawValue)]
            guard position > end else { continue }
            let what = "\(id) is at \(position), and the log ends at \(end)"
            if isReplica, shard(of: id.slot) != id.source {
                unfitting.add(what, at: .end)
            } else {
                find(what, at: .end)
            }
        }
    }
}
