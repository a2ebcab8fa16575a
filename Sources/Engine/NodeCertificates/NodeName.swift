/// What a node is called in its certificate: a DNS name without an underscore, and no address.
public enum NodeName {
    /// - Parameter number: the node's, from 1 on.
    public static func ofNode(_ number: UInt64) -> String { "node-\(number).cloudretail.internal" }
}
