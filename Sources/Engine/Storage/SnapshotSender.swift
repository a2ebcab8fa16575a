import Cluster
import Consensus
import EventSourcing
import LogFormat
import Synchronization

/// Sends the rows of states to peers that are too far behind for the log.
///
/// One transfer at a time goes to a peer. One that breaks is given up: the replica hears of it, and begins another once
/// it has heard of the peer again.
final class SnapshotSender: Sendable {
    /// Bytes of one piece: large enough that its flush at the other end is worth it, and far below a frame's limit.
    private static let pieceBytesMax = 512 << 10
    /// Pieces that may be on their way and not staged: what a peer has to hold in memory.
    static let piecesUnstagedMax = 8
    /// How long a peer may take for one piece. Before the first it deletes what an earlier snapshot has left.
    private static let patience = Duration.seconds(60)
    /// How soon a piece that was staged is noticed.
    private static let look = Duration.milliseconds(5)

    private let links: any PeerLinks
    private let inbox: NodeInbox
    private let environment: LMDBEnvironment
    private let identity: DirectoryIdentity
    private let requests: AsyncStream<ShardMessage>
    private let requesting: AsyncStream<ShardMessage>.Continuation
    private let transfers = Mutex(Transfers())

    private struct Transfers {
        /// The one under way to each peer.
        var peers: [NodeID: UInt64] = [:]
        /// What each peer has last said, by transfer.
        var receipts: [UInt64: (pieces: Int, receipt: SnapshotReceipt)] = [:]
    }

    /// Why a transfer has ended before its time.
    private enum Broken: Error { case refused, disconnected, stalled }

    init(links: any PeerLinks, inbox: NodeInbox, environment: LMDBEnvironment, identity: DirectoryIdentity) {
        self.links = links
        self.inbox = inbox
        self.environment = environment
        self.identity = identity
        (requests, requesting) = AsyncStream.makeStream()
    }

    /// Has the rows sent that `item` announces.
    func put(_ item: ShardMessage) { requesting.yield(item) }

    /// What `peer` says of a transfer.
    func take(_ receipt: SnapshotReceipt, pieces: Int, of transfer: UInt64) {
        transfers.withLock { transfers in
            guard transfers.receipts[transfer] != nil else { return }
            transfers.receipts[transfer] = (pieces, receipt)
        }
    }

    /// What was on its way to `peer` is lost.
    func disconnected(from peer: NodeID) {
        transfers.withLock { transfers in
            if let transfer = transfers.peers[peer] { transfers.receipts[transfer] = nil }
        }
    }

    /// Sends until `end`.
    func run() async {
        await withDiscardingTaskGroup { group in
            for await item in requests {
                let peer = item.message.to
                let transfer = UInt64.random(in: .min ... .max)
                guard begin(transfer, to: peer) else {
                    report(item, isDelivered: false)
                    continue
                }
                group.addTask {
                    let isDelivered: Bool
                    do {
                        try await self.send(item, as: transfer)
                        isDelivered = true
                    } catch {
                        isDelivered = false
                    }
                    self.finish(transfer, to: peer)
                    self.report(item, isDelivered: isDelivered)
                }
            }
            group.cancelAll()
        }
    }

    func end() { requesting.finish() }

    private func begin(_ transfer: UInt64, to peer: NodeID) -> Bool {
        transfers.withLock { transfers in
            guard transfers.peers[peer] == nil else { return false }
            transfers.peers[peer] = transfer
            transfers.receipts[transfer] = (0, .staging)
            return true
        }
    }

    private func finish(_ transfer: UInt64, to peer: NodeID) {
        transfers.withLock { transfers in
            transfers.peers[peer] = nil
            transfers.receipts[transfer] = nil
        }
    }

    private func report(_ item: ShardMessage, isDelivered: Bool) {
        inbox.putSnapshotSent(to: item.message.to, of: item.shard, isDelivered: isDelivered)
    }

    /// Returns when the peer's replica has been handed the snapshot.
    private func send(_ item: ShardMessage, as transfer: UInt64) async throws {
        let peer = item.message.to
        let rows = try HeldRows(of: item.shard, in: environment, identity)
        var sent = 0
        var isLast = false
        while !isLast {
            let chunk = try rows.next(bytesMax: Self.pieceBytesMax)
            isLast = chunk.isLast
            try await receipt(of: transfer) { $0.pieces + Self.piecesUnstagedMax > sent }
            try await send(.piece(transfer: transfer, chunk), to: peer)
            sent += 1
        }
        // The states may have come further since the snapshot was asked for: what is announced is what was sent.
        var message = item.message
        message.body = .installSnapshot(rows.checkpoint)
        try await send(
            .end(transfer: transfer, pieces: sent, ShardMessage(shard: item.shard, message: message)), to: peer)
        try await receipt(of: transfer) { $0.receipt == .complete }
    }

    private func send(_ frame: SnapshotFrame, to peer: NodeID) async throws {
        try await links.sendWhenRoom(frame.encoded(seed: identity.checksumSeed), on: .snapshots, to: peer)
    }

    /// Returns when what the peer says is `enough`.
    private func receipt(
        of transfer: UInt64, _ enough: (borrowing (pieces: Int, receipt: SnapshotReceipt)) -> Bool
    ) async throws {
        let clock = ContinuousClock()
        let deadline = clock.now + Self.patience
        while true {
            guard let last = transfers.withLock({ $0.receipts[transfer] }) else { throw Broken.disconnected }
            if last.receipt == .refused { throw Broken.refused }
            if enough(last) { return }
            guard clock.now < deadline else { throw Broken.stalled }
            try await clock.sleep(for: Self.look)
        }
    }
}
