import Logging
import Transport

/// What a member of a cluster reaches the others by.
struct NodePeers: Sendable {
    let transport: Transport
    let book: MemberBook
    /// Ends the node when it has left the cluster.
    let removal: RemovalNotice

    /// - Parameter transport: before it runs.
    init(_ transport: Transport, of membership: ClusterMembership, dataDirectory: String, logger: Logger) throws {
        let removal = RemovalNotice(logger: logger)
        self.transport = transport
        self.removal = removal
        book = try MemberBook(
            file: dataDirectory + "/members.json", of: membership, removal: removal
        ) { addresses, removed in
            transport.setPeers(addresses.mapValues { PeerAddress($0) }, removed: removed)
        }
        transport.observeRefusals { _, reason in if reason == .removed { removal.give() } }
    }
}
