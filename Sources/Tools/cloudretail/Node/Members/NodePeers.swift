import Logging
import Storage
import Transport

/// What a member of a cluster reaches the others by.
struct NodePeers: Sendable {
    let transport: Transport
    let book: MemberBook
    /// Ends the node when the others do without it.
    let exclusion: ExclusionNotice

    /// - Parameters:
    ///   - transport: before it runs.
    ///   - directory: which knows its own disk, and those of the peers that it has met.
    init(_ transport: Transport, of membership: ClusterMembership, directory: DataDirectory, logger: Logger) throws {
        let exclusion = ExclusionNotice(logger: logger)
        self.transport = transport
        self.exclusion = exclusion
        transport.knowDisks(own: directory.diskNumber) { peer, disk in directory.recognises(disk: disk, of: peer) }
        book = try MemberBook(
            file: directory.path + "/members.json", of: membership, exclusion: exclusion
        ) { addresses, removed in
            transport.setPeers(addresses.mapValues { PeerAddress($0) }, removed: removed)
        }
        transport.observeRefusals { _, reason in exclusion.give(reason) }
    }
}
