import EventSourcing
import Storage

/// Brings what all nodes have on their disks to the same record, and compares it.
struct NodeComparison {
    struct Difference {
        let kind: String
        let id: String
        let one: UInt64
        let other: UInt64
        let ofOne: String
        let ofOther: String
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
        var reference: Verification?
        for view in views {
            for (shard, log) in view.directory.logs.enumerated() where log.end.next < furthest[shard].first {
                throw Failure(
                    description: "Node \(view.node) ends at record \(log.end) of shard \(shard), and no log goes on "
                        + "from there: let it catch up first.")
            }
            let verification = try Verification(view.directory, continuedBy: furthest)
            if let problem = verification.problems.first {
                difference = Difference(
                    kind: "log", id: problem, one: view.node, other: view.node, ofOne: problem, ofOther: problem)
                return
            }
            if let reference, let found = reference.audit.firstDifference(from: verification.audit) {
                difference = Difference(
                    kind: found.kind, id: found.id, one: first.node, other: view.node, ofOne: found.here,
                    ofOther: found.there)
                return
            }
            reference = reference ?? verification
        }
    }

    /// For people.
    var text: String {
        let ends = index.sorted { $0.key < $1.key }.map { "shard \($0.key) at record \($0.value)" }
        let names = nodes.map(String.init).joined(separator: ", ")
        guard let difference else { return "Nodes \(names) are equal: \(ends.joined(separator: ", "))." }
        guard difference.one != difference.other else { return "Node \(difference.one): \(difference.id)" }
        return "The \(difference.kind) \(difference.id) differs.\n  node \(difference.one): \(difference.ofOne)\n"
            + "  node \(difference.other): \(difference.ofOther)"
    }
}
