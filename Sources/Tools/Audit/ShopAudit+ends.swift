import ActorSystem
import Commerce
import EventSourcing
import Schema

/// Where a log begins, and what the whole of the logs has to say.
extension ShopAudit {
    // MARK: - The beginning

    /// Begins at the saved states of a shard whose log has lost its beginning. To be called before its first record.
    public mutating func begin(_ states: any StateStore, of shard: ShardID) throws {
        for folded in Self.folded where part.takes(folded.kind) { try folded.begin(states, shard, &self) }
        guard part.takes(Stock.kind) else { return }
        try StoredStates.forEach(Stock.self, in: states) { begin($0.id, try $0.read(), of: shard) }
    }

    /// Begins at one saved state.
    public mutating func begin<A: Recorded>(_ id: A.ID, _ saved: Versioned<A>, of shard: ShardID) {
        if !isHome(id, shard) { find("\(id) lives on shard \(self.shard(of: id.slot))", at: .savedState(shard)) }
        logs[Int(shard.rawValue)].savedThrough = max(logs[Int(shard.rawValue)].savedThrough, saved.index)
        if A.kind == Stock.kind, let stock = saved as? Versioned<Stock> { return begin(stock) }
        Self.foldedByKind[A.kind]?.begin(id, saved, &self)
        if A.kind == Order.kind, let order = saved.state as? Order, isHome(order.id, shard) {
            noteCharge(of: order, at: .savedState(shard))
        }
    }

    private mutating func begin(_ saved: Versioned<Stock>) {
        stocks[saved.state.id] = StockLedger(saved)
        areStocksWhole = false
        for hold in saved.state.held { begin(hold, of: saved.state.id) }
    }

    // MARK: - The saved states

    /// Compares a shard's saved states with what its records make, as far as they go. To be called behind its last
    /// record.
    public mutating func compare(_ states: any StateStore, of shard: ShardID) throws {
        for kind in comparedKinds { join(try differences(of: kind, from: states, of: shard)) }
    }

    /// The kinds of saved states that are compared, each by itself.
    public var comparedKinds: [AggregateKind] { ([Stock.kind] + Self.folded.map(\.kind)).filter(part.takes) }

    /// What a shard's saved states of one kind say otherwise than its records, as far as they go. Threads may look for
    /// those of several kinds and shards at a time, behind the last record of all.
    public func differences(
        of kind: AggregateKind, from states: any StateStore, of shard: ShardID
    ) throws -> Findings {
        try Self.foldedByKind[kind]?.differences(of: self, from: states, shard) ?? stockDifferences(from: states)
    }

    /// Takes what was found in a comparison.
    public mutating func join(_ differences: Findings) { findings.join(differences) }

    private func stockDifferences(from states: any StateStore) throws -> Findings {
        var findings = Findings()
        try StoredStates.forEach(Stock.self, in: states) { stored in
            let (sku, saved) = (stored.id, try stored.read())
            guard let ledger = stocks[sku] else { return findings.add("\(sku): saved, but not in the log", at: .end) }
            if ledger.version < saved.version {
                let what = "\(sku): saved at version \(saved.version), the log ends at \(ledger.version)"
                findings.add(what, at: .end)
            } else if ledger.version == saved.version, !ledger.agrees(with: saved.state) {
                findings.add("\(sku): the saved state differs from the log", at: .end)
            }
        }
        return findings
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
