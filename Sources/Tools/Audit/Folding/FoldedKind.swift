import ActorSystem
import EventSourcing

/// What an audit does with the fold of a kind of aggregate, whatever the kind.
protocol FoldedKind: Sendable {
    var kind: AggregateKind { get }

    /// Begins at the saved states of a shard.
    func begin(_ states: any StateStore, _ shard: ShardID, _ audit: inout ShopAudit) throws

    /// Begins at one saved state, which is of this kind.
    func begin<A: Recorded>(_ id: A.ID, _ saved: Versioned<A>, _ audit: inout ShopAudit)

    /// Takes an entry of a record.
    func take(_ entry: RecordBody.Entry, _ moment: ShopAudit.Moment, _ audit: inout ShopAudit)

    /// What a shard's saved states say otherwise than its records.
    func differences(of audit: ShopAudit, from states: any StateStore, _ shard: ShardID) throws -> Findings

    /// Hands the states to `visitor`, ascending by id.
    func visitStates(of audit: ShopAudit, at index: LogIndex, _ visitor: inout some ShopStateVisitor) throws

    /// The first of which two audits say different things.
    func difference(of audit: ShopAudit, from other: ShopAudit, at time: Timestamp) -> ShopAudit.Difference?
}

/// A kind of aggregate, and which of an audit's folds is its own.
struct Folded<A: Judged>: FoldedKind {
    private let fold: any WritableKeyPath<ShopAudit, Fold<A>> & Sendable
    /// For people.
    private let name: String
    private let compare: @Sendable (ShopAudit, any StateStore, ShardID) throws -> Findings

    init(_ fold: any WritableKeyPath<ShopAudit, Fold<A>> & Sendable, _ name: String) {
        self.fold = fold
        self.name = name
        // Made where the kind is known, so that there is a body for each: it is entered for every saved state. That of
        // a requirement is one for all kinds, which looks up at each call what it works on.
        compare = { audit, states, shard in
            let time = audit.logs[Int(shard.rawValue)].time
            // Read once: a key path copies all of the audit on its way.
            let folded = audit[keyPath: fold]
            var findings = Findings()
            try StoredStates.forEach(A.self, in: states) { stored in
                if let difference = try folded.difference(from: stored, at: time) { findings.add(difference, at: .end) }
            }
            return findings
        }
    }

    var kind: AggregateKind { A.kind }

    func begin(_ states: any StateStore, _ shard: ShardID, _ audit: inout ShopAudit) throws {
        try StoredStates.forEach(A.self, in: states) { audit.begin($0.id, try $0.read(), of: shard) }
    }

    func begin<B: Recorded>(_ id: B.ID, _ saved: Versioned<B>, _ audit: inout ShopAudit) {
        guard let id = id as? A.ID, let saved = saved as? Versioned<A> else { return }
        audit[keyPath: fold].begin(saved, id: id)
    }

    func take(_ entry: RecordBody.Entry, _ moment: ShopAudit.Moment, _ audit: inout ShopAudit) {
        var problems: [String] = []
        let taken = audit[keyPath: fold].take(entry, at: moment.time, &problems)
        _ = audit.change(by: taken, problems, moment)
    }

    func differences(of audit: ShopAudit, from states: any StateStore, _ shard: ShardID) throws -> Findings {
        try compare(audit, states, shard)
    }

    func visitStates(of audit: ShopAudit, at index: LogIndex, _ visitor: inout some ShopStateVisitor) throws {
        guard visitor.takes(A.self) else { return }
        let states = audit[keyPath: fold]
        for id in states.ids {
            if let value = states.versioned(id, at: index) { try visitor.visit(id, value) }
        }
    }

    func difference(of audit: ShopAudit, from other: ShopAudit, at time: Timestamp) -> ShopAudit.Difference? {
        let (here, there) = (audit[keyPath: fold], other[keyPath: fold])
        return here.firstDifference(from: there, at: time).map { id in
            ShopAudit.Difference(kind: name, id: "\(id)", here: here.words(on: id), there: there.words(on: id))
        }
    }
}
