import Cluster
import Consensus
import EventSourcing
import Synchronization

/// What a node's replicas say to those of its peers, and hear from them.
final class PeerFrames: Sendable {
    private let links: any PeerLinks
    private let inbox: NodeInbox
    private let disk: DiskThread
    private let snapshots: SnapshotSender
    private let fence: FoundingFence
    /// Of the cluster's checksums.
    private let seed: UInt32
    private let reception = Reception()

    /// What the links keep of it.
    private final class Reception: Sendable {
        let isOpen = Atomic(true)
        let malformed = Atomic(0)
    }

    init(
        _ links: any PeerLinks, inbox: NodeInbox, disk: DiskThread, snapshots: SnapshotSender, fence: FoundingFence,
        seed: UInt32
    ) {
        self.links = links
        self.inbox = inbox
        self.disk = disk
        self.snapshots = snapshots
        self.fence = fence
        self.seed = seed
    }

    /// Frames that came and could not be read.
    var malformedCount: Int { reception.malformed.load(ordering: .relaxed) }

    /// Takes in what peers send from now on; that is nothing before this node has passed the fence.
    func begin() {
        links.receive(on: .consensus) { [inbox, reception, fence] peer, bytes in
            guard reception.isOpen.load(ordering: .relaxed), fence.isPassed else { return }
            guard let frame = try? Frame(decoding: bytes, from: peer) else {
                reception.malformed.add(1, ordering: .relaxed)
                return
            }
            inbox.put(frame)
        }
        links.receive(on: .snapshots) { [disk, snapshots, seed, reception, fence] peer, bytes in
            guard reception.isOpen.load(ordering: .relaxed), fence.isPassed else { return }
            switch try? SnapshotFrame(decoding: bytes, from: peer, seed: seed) {
            case .receipt(let transfer, let pieces, let receipt):
                snapshots.take(receipt, pieces: pieces, of: transfer)
            case .some(let frame): disk.put(frame, from: peer)
            case .none: reception.malformed.add(1, ordering: .relaxed)
            }
        }
        links.observe { [inbox, snapshots, reception, fence] peer, stream, isConnected in
            guard reception.isOpen.load(ordering: .relaxed) else { return }
            guard !isConnected else {
                if stream == .consensus { fence.meet(peer) }
                return
            }
            switch stream {
            case .consensus: inbox.putDisconnected(peer)
            case .snapshots: snapshots.disconnected(from: peer)
            case .calls, .gossip: break
            }
        }
    }

    /// Frames that come are dropped from now on.
    func end() { reception.isOpen.store(false, ordering: .relaxed) }

    func send(_ frames: [Frame]) {
        for frame in frames.flatMap({ $0.split() }) where !links.send(frame.encoded(), on: .consensus, to: frame.peer) {
            var told: Set<ShardID> = []
            for item in frame.messages where told.insert(item.shard).inserted {
                inbox.putUnreachable(frame.peer, of: item.shard)
            }
        }
    }
}
