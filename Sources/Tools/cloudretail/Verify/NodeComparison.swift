import EventSourcing
import Storage

/// Brings what all nodes have on their disks to the same record, and compares it.
struct NodeComparison {
    struct Difference {
        let kind: String
        let id: String
        /// What each node says of it, by its number: two nodes, or the one whose records make no sense by themselves.
        let nodes: [UInt64: String]
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// The last record that was compared, by shard.
    let index: [Int: UInt64]
    private(set) var difference: Difference?
    private let nodes: [UInt64]

    /// - Throws: `Failure` when a node lacks records that no other node's log has any more.
    init(_ views: [NodeView]) throws {
        guard let first = views.first else { throw Failure(description: "No node has a data directory yet.") }
        nodes = views.map(\.node)
        let shards = first.directory.logs.indices
        guard views.allSatisfy({ $0.directory.logs.count == shards.count }) else {
            throw Failure(description: "The nodes have different numbers of shards.")
        }
        // Of each shard, the log that goes furthest.
        let furthest = shards.map { shard in
            views.map { $0.directory.logs[shard] }.max { $0.end < $1.end }!
        }
        index = Dictionary(uniqueKeysWithValues: shards.map { ($0, furthest[$0].end.rawValue) })
        // A node without a record is equal to any other once it has been given theirs.
        if let empty = views.first(where: { view in view.directory.logs.allSatisfy { $0.end == .zero } }),
            index.values.contains(where: { $0 > 0 })
        {
            throw Failure(description: "Node \(empty.node) has no record yet: nothing of it can be compared.")
        }
        // Two histories make no sense one after the other: nothing is folded before all have the same.
        for shard in shards {
            difference = try Self.parting(of: views, at: shard)
            if difference != nil { return }
        }
        var reference: Verification?
        for view in views {
            for (shard, log) in view.directory.logs.enumerated() where log.end.next < furthest[shard].first {
                throw Failure(
                    description: "Node \(view.node) ends at record \(log.end) of shard \(shard), and no log goes on "
                        + "from there: let it catch up first.")
            }
            let verification = try Verification(view.directory, continuedBy: furthest)
            if let problem = verification.problems.first {
                difference = Difference(kind: "log", id: problem, nodes: [view.node: problem])
                return
            }
            if let reference, let found = reference.audit.firstDifference(from: verification.audit) {
                difference = Difference(
                    kind: found.kind, id: found.id, nodes: [first.node: found.here, view.node: found.there])
                return
            }
            reference = reference ?? verification
        }
    }

    /// The first record of a shard at which a node has committed another than the node that has come furthest.
    private static func parting(of views: [NodeView], at shard: Int) throws -> Difference? {
        let furthest = views.max { $0.directory.logs[shard].end < $1.directory.logs[shard].end }!
        let reference = furthest.directory.logs[shard]
        let partings = try views.filter { $0.node != furthest.node }.compactMap { view in
            try view.directory.logs[shard].parting(from: reference).map { (node: view.node, parting: $0) }
        }
        return partings.min { $0.parting.index < $1.parting.index }.map { node, parting in
            Difference(
                kind: "record", id: "shard \(shard), record \(parting.index)",
                nodes: [
                    node: "a record of term \(parting.term)",
                    furthest.node: "a record of term \(parting.termOfOther)",
                ])
        }
    }

    /// For people.
    var text: String {
        let ends = index.sorted { $0.key < $1.key }.map { "shard \($0.key) at record \($0.value)" }
        let names = nodes.map(String.init).joined(separator: ", ")
        guard let difference else { return "Nodes \(names) are equal: \(ends.joined(separator: ", "))." }
        let said = difference.nodes.sorted { $0.key < $1.key }.map { "  node \($0.key): \($0.value)" }
        let headline =
            switch difference.kind {
            case "log": "The log makes no sense."
            case "record": "The nodes differ at \(difference.id): their logs are two histories from there on."
            default: "The \(difference.kind) \(difference.id) differs."
            }
        return ([headline] + said).joined(separator: "\n")
    }
}
