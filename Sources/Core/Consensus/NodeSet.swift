/// A small set of nodes in ascending order, so that whatever iterates it is the same on every node and in every run.
public struct NodeSet: Hashable, Sendable, ExpressibleByArrayLiteral, RandomAccessCollection {
    private var nodes: [NodeID]

    public init(_ nodes: some Sequence<NodeID>) {
        self.nodes = []
        for node in nodes { insert(node) }
    }

    public init(arrayLiteral nodes: NodeID...) { self.init(nodes) }

    public var startIndex: Int { 0 }
    public var endIndex: Int { nodes.count }
    public subscript(position: Int) -> NodeID { nodes[position] }

    /// Whether `node` is in the set.
    public func contains(_ node: NodeID) -> Bool { nodes.contains(node) }

    /// Adds `node` unless it is there.
    public mutating func insert(_ node: NodeID) {
        let position = nodes.firstIndex { $0 >= node } ?? nodes.count
        if position == nodes.count || nodes[position] != node { nodes.insert(node, at: position) }
    }

    /// Removes `node` if it is there.
    public mutating func remove(_ node: NodeID) { nodes.removeAll { $0 == node } }

    /// Everybody in either set.
    public func union(_ other: NodeSet) -> NodeSet { NodeSet(nodes + other.nodes) }

    /// How many nodes are in exactly one of the two.
    func countOfDifferences(from other: NodeSet) -> Int {
        nodes.count { !other.contains($0) } + other.nodes.count { !contains($0) }
    }
}
