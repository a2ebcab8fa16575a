import ActorSystem
import Commerce
import EventSourcing
import Schema

/// Where a log begins, and what the whole of the logs has to say.
extension ShopAudit {
    // MARK: - The beginning

    /// Begins at the saved states of a shard whose log has lost its beginning. To be called before its first record.
    public mutating func begin(_ states: any StateStore, of shard: ShardID) throws {
        try begin(\.orders, states, shard)
        for id in orders.ids where isHome(id, shard) {
            if let order = orders[id] { noteCharge(of: order, at: .savedState(shard)) }
        }
        try begin(\.keys, states, shard)
        try begin(\.carts, states, shard)
        try begin(\.products, states, shard)
        try begin(\.emailClaims, states, shard)
        try begin(\.skuClaims, states, shard)
        try begin(\.accounts, states, shard)
        try begin(\.sessions, states, shard)
        try begin(\.logIns, states, shard)
        try begin(\.positions, states, shard)
        try begin(\.tokenKeys, states, shard)
        try begin(\.upgrades, states, shard)
        try StoredStates.forEach(Stock.self, in: states) { sku, saved in
            stocks[sku] = StockLedger(saved)
            for hold in saved.state.held { begin(hold, of: sku) }
            noteSaved(saved.index, shard)
        }
    }

    private mutating func begin<A>(
        _ fold: WritableKeyPath<Self, Fold<A>>, _ states: any StateStore, _ shard: ShardID
    ) throws {
        try StoredStates.forEach(A.self, in: states) { id, saved in
            self[keyPath: fold].begin(saved, id: id)
            noteSaved(saved.index, shard)
        }
    }

    private mutating func noteSaved(_ index: LogIndex, _ shard: ShardID) {
        logs[Int(shard.rawValue)].savedThrough = max(logs[Int(shard.rawValue)].savedThrough, index)
    }

    // MARK: - The saved states

    /// Compares a shard's saved states with what its records make, as far as they go. To be called behind its last
    /// record.
    public mutating func compare(_ states: any StateStore, of shard: ShardID) throws {
        try StoredStates.forEach(Stock.self, in: states) { sku, saved in
            guard let ledger = stocks[sku] else { return find("\(sku): saved, but not in the log", at: .end) }
            if ledger.version < saved.version {
                find("\(sku): saved at version \(saved.version), the log ends at \(ledger.version)", at: .end)
            } else if ledger.version == saved.version, !ledger.agrees(with: saved.state) {
                find("\(sku): the saved state differs from the log", at: .end)
            }
        }
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
    }

    private mutating func compare<A>(_ fold: Fold<A>, _ states: any StateStore, _ shard: ShardID) throws {
        let time = logs[Int(shard.rawValue)].time
        try StoredStates.forEach(A.self, in: states) { id, saved in
            if let difference = fold.difference(from: saved, id: id, at: time) { find(difference, at: .end) }
        }
    }

    // MARK: - The end

    /// Judges what only the whole of the logs shows. To be called behind the last record of every shard.
    ///
    /// - Parameter ends: the last committed index of each shard's log.
    public mutating func finish(ends: [LogIndex]) {
        for id in books.keys.sorted() { judge(id, on: nil, at: .end) }
        for (id, place) in unkeyed.sorted(by: { $0.key < $1.key }) where !keyed.contains(id) {
            find("\(id) is placed without its key", at: place)
        }
        unkeyed = [:]
        for (key, order, place) in released { judge(key, givingUp: order, at: place) }
        released = []
        for id in positions.ids {
            guard let position = positions[id]?.position, Int(id.source.rawValue) < ends.count else { continue }
            let end = ends[Int(id.source.rawValue)]
            if position > end { find("\(id) is at \(position), and the log ends at \(end)", at: .end) }
        }
    }
}
