import Cluster
import Consensus
import EventSourcing
import LogFormat
import Synchronization

/// Sends the rows of states to peers that are too far behind for the log.
///
/// One transfer at a time goes to a peer. When the connection breaks it goes on behind what is staged, once there is a
/// connection again. What the peer refuses, since it has been restarted, is given up: the replica begins another.
final class SnapshotSender: Sendable {
    /// Bytes of one piece: large enough that its flush at the other end is worth it, and far below a frame's limit.
    private static let pieceBytesMax = 512 << 10
    /// Pieces that may be on their way and not staged: what a peer has to hold in memory.
    static let piecesUnstagedMax = 8
    /// How long a peer may take for one piece, or be out of reach. Before the first piece it deletes what an earlier
    /// snapshot has left.
    private static let patience = Duration.seconds(30)
    /// How soon a piece that was staged is noticed.
    private static let look = Duration.milliseconds(5)

    /// More peers than a group has, those that come and go among them.
    private static let peersMax = 16

    private let links: any PeerLinks
    private let inbox: NodeInbox
    private let environment: LMDBEnvironment
    private let identity: DirectoryIdentity
    /// Of each shard and peer one at most: a replica asks for no other before it has been told what came of the last.
    private let requests: AsyncStream<ShardMessage>
    private let requesting: AsyncStream<ShardMessage>.Continuation
    private let transfers = Mutex(Transfers())

    private struct Transfers {
        /// The one under way to each peer.
        var peers: [NodeID: UInt64] = [:]
        /// How far each has come, by transfer.
        var progress: [UInt64: Progress] = [:]
    }

    private struct Progress {
        /// Staged at the other end, as it has last said.
        var pieces = 0
        var receipt = SnapshotReceipt.staging
        /// How often the connection has ended: what was on its way is lost.
        var breaks = 0
    }

    /// Why a transfer has ended before its time.
    private enum Broken: Error { case refused, stalled }

    init(links: any PeerLinks, inbox: NodeInbox, environment: LMDBEnvironment, identity: DirectoryIdentity) {
        self.links = links
        self.inbox = inbox
        self.environment = environment
        self.identity = identity
        (requests, requesting) = AsyncStream.makeStream(
            bufferingPolicy: .bufferingOldest(identity.shards * Self.peersMax))
    }

    /// Has the rows sent that `item` announces.
    func put(_ item: ShardMessage) {
        // One that finds no room is asked for again.
        if case .dropped = requesting.yield(item) { report(item, isDelivered: false) }
    }

    /// What the other end says of a transfer.
    func take(_ receipt: SnapshotReceipt, pieces: Int, of transfer: UInt64) {
        transfers.withLock { transfers in
            transfers.progress[transfer]?.pieces = pieces
            transfers.progress[transfer]?.receipt = receipt
        }
    }

    /// What was on its way to `peer` is lost.
    func disconnected(from peer: NodeID) {
        transfers.withLock { transfers in
            if let transfer = transfers.peers[peer] { transfers.progress[transfer]?.breaks += 1 }
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
            transfers.progress[transfer] = Progress()
            return true
        }
    }

    private func finish(_ transfer: UInt64, to peer: NodeID) {
        transfers.withLock { transfers in
            transfers.peers[peer] = nil
            transfers.progress[transfer] = nil
        }
    }

    private func report(_ item: ShardMessage, isDelivered: Bool) {
        inbox.putSnapshotSent(to: item.message.to, of: item.shard, isDelivered: isDelivered)
    }

    /// Returns when the peer's replica has been handed the snapshot.
    private func send(_ item: ShardMessage, as transfer: UInt64) async throws {
        let peer = item.message.to
        let rows = try HeldRows(
            of: item.shard, in: try environment.hold(), identity, piecesKept: Self.piecesUnstagedMax)
        // The states may have come further since the snapshot was asked for: what is announced is what is sent.
        var message = item.message
        message.body = .installSnapshot(rows.checkpoint)
        let announcement = ShardMessage(shard: item.shard, message: message)
        var isEndSent = false
        var breaks = 0
        var staged = 0
        var deadline = ContinuousClock.now + Self.patience
        while true {
            let progress = try await progress(of: transfer, until: deadline) { progress in
                progress.breaks > breaks || !rows.isAtEnd && progress.pieces + Self.piecesUnstagedMax > rows.pieces
                    || rows.isAtEnd && !isEndSent
            }
            if progress.receipt == .complete { return }
            if progress.pieces > staged { deadline = .now + Self.patience }
            staged = progress.pieces
            if progress.breaks > breaks {
                breaks = progress.breaks
                rows.rewind(to: progress.pieces)
                isEndSent = false
            }
            isEndSent = rows.isAtEnd
            let frame: SnapshotFrame =
                rows.isAtEnd
                ? .end(transfer: transfer, pieces: rows.pieces, announcement)
                : .piece(transfer: transfer, try rows.next(bytesMax: Self.pieceBytesMax))
            do throws(PeerUnreachable) {
                let bytes = frame.encoded(seed: identity.checksumSeed)
                try await links.sendWhenRoom(bytes, on: .snapshots, to: peer)
            } catch {
                disconnected(from: peer)
                try await ContinuousClock().sleep(for: Self.look)
            }
        }
    }

    /// Returns when the transfer has come to where `isEnough`, or to its end.
    private func progress(
        of transfer: UInt64, until deadline: ContinuousClock.Instant, _ isEnough: (Progress) -> Bool
    ) async throws -> Progress {
        while true {
            guard let progress = transfers.withLock({ $0.progress[transfer] }) else { throw Broken.stalled }
            if progress.receipt == .refused { throw Broken.refused }
            guard ContinuousClock.now < deadline else { throw Broken.stalled }
            if progress.receipt == .complete || isEnough(progress) { return progress }
            try await ContinuousClock().sleep(for: Self.look)
        }
    }
}
