/// Notices that a node has been without any peer for a while.
struct Isolation {
    /// Looks in a row without a peer. A cluster that starts, or elects, is together sooner.
    private static let looksMax = 5
    private var looks = 0

    /// Called once a second.
    ///
    /// - Returns: whether the node has peers, and is connected to none of them for so long. Then it counts anew.
    mutating func lasts(_ links: [LinkStatus]) -> Bool {
        looks = links.isEmpty || links.contains(where: \.isConnected) ? 0 : looks + 1
        guard looks >= Self.looksMax else { return false }
        looks = 0
        return true
    }
}
