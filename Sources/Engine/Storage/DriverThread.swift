import Cluster
import Consensus
import EventSourcing
import Foundation
import Synchronization

/// The thread that drives a node: it takes the driver's turns, and performs what they order.
///
/// The write that a turn orders closes when the flush before it returns, or a moment later (`WritePace`), so the busier
/// the node, the larger the write.
/// A node alone has no peer to answer while it flushes, so this thread does both, and no commit waits for a change of
/// threads; a member leaves what is to be written to a thread of its own (`DiskThread`). After any failed write the
/// node ends: nothing that waits is acknowledged, nothing more is accepted.
final class DriverThread: Sendable {
    let journals: [ReplicatedJournal]
    let disk: NodeDisk
    private let driver: NodeDriver
    private let inbox: NodeInbox
    /// Nil on a node that is alone.
    let peers: PeerFrames?
    let snapshots: SnapshotSender?
    let fence: FoundingFence
    private let diskThread: DiskThread?
    private let timing: NodeTiming
    private let path: String
    private let wake: DispatchSemaphore
    private let finished = DispatchSemaphore(value: 0)
    private let isClosing = Atomic<Bool>(false)
    private let observers = Mutex<[@Sendable (ShardChange) -> Void]>([])

    /// - Parameter links: to the node's peers; nil on a node that is alone.
    init(
        store: NodeStore, of directory: OpenDirectory, options: DataDirectory.Options, links: (any PeerLinks)?
    ) throws(StorageError) {
        let wake = DispatchSemaphore(value: 0)
        let inbox = NodeInbox(shards: store.logs.count) { wake.signal() }
        let timing: NodeTiming = links == nil ? .alone : .member
        var journals: [ReplicatedJournal] = []
        for log in store.logs {
            let header = log.header
            guard header.checkpoint != nil else { throw .corruptHeader(name: "shard \(log.shard)") }
            journals.append(
                ReplicatedJournal(
                    shard: log.shard, node: directory.identity.node, configuration: timing.configuration, reader: log,
                    records: log, stored: StoredGroup(hardState: header.hardState, checkpoint: header.checkpoint),
                    retainedEntries: links == nil ? 0 : options.retainedEntries,
                    generator: SystemRandomNumberGenerator(), inbox: inbox))
        }
        self.journals = journals
        driver = NodeDriver(journals: journals, inbox: inbox)
        let path = directory.path
        self.path = path
        disk = NodeDisk(store: store, driver: driver, inbox: inbox) { () throws(StorageError) in
            try options.look(path)
        }
        let fence = FoundingFence(
            of: directory.identity.node, founders: directory.identity.founders,
            isNew: store.logs.allSatisfy { $0.header.last == .zero && $0.header.hardState == .initial })
        self.fence = fence
        if let links {
            let receiver = SnapshotReceiver(
                disk, inbox: inbox, links: links, seed: directory.identity.checksumSeed)
            let sender = SnapshotSender(
                links: links, inbox: inbox, environment: directory.environment, identity: directory.identity)
            let diskThread = DiskThread(disk, inbox: inbox, receiver: receiver)
            peers = PeerFrames(
                links, inbox: inbox, disk: diskThread, snapshots: sender, fence: fence,
                seed: directory.identity.checksumSeed)
            (snapshots, self.diskThread) = (sender, diskThread)
        } else {
            (peers, snapshots, diskThread) = (nil, nil, nil)
        }
        self.timing = timing
        self.inbox = inbox
        self.wake = wake
    }

    /// Commits what the last run left, and takes the lead of every shard that this node decides alone. Called before
    /// `run`, on any thread.
    func begin() throws(StorageError) {
        let room = try disk.lookForRoom()
        guard room.takesWrites else {
            throw .noRoom(path: path, freeBytes: room.freeBytes, freeBytesMin: room.writableBytesMin)
        }
        inbox.putTick()
        try takeTurns(writingHere: true)
        let id = journals.first?.status.id
        for journal in journals where Array(journal.membership.nodes) == [id] { journal.campaign() }
        try takeTurns(writingHere: true)
        guard let peers else {
            guard journals.allSatisfy({ $0.standing.leadership != nil }) else {
                throw .needsPeers(node: id?.rawValue ?? 0)
            }
            return
        }
        peers.begin()
    }

    /// Drives until closed or failed. Runs on its own thread, never on the cooperative pool.
    ///
    /// - Throws: the failure that ended it; the journals have been ended before.
    func run() throws(StorageError) {
        if let diskThread { Thread.start("log-writer") { diskThread.run() } }
        defer {
            peers?.end()
            snapshots?.end()
            diskThread?.end()
            driver.end()
            for log in disk.store.logs { log.end() }
            finished.signal()
        }
        let tick = timing.tick
        var nextTick = DispatchTime.now() + tick
        while !isClosing.load(ordering: .acquiring) {
            try takeTurns(writingHere: diskThread == nil)
            _ = wake.wait(timeout: min(nextTick, heldUntil ?? nextTick))
            guard DispatchTime.now() >= nextTick else { continue }
            nextTick = .now() + tick
            try disk.lookForRoom()
            if fence.isPassed { inbox.putTick() }
        }
        try finish()
    }

    /// Writes what is left. Peers are not heard any more, and the thread that wrote has ended.
    private func finish() throws(StorageError) {
        peers?.end()
        diskThread?.end()
        // One tick collects what waits for no flush, the next has it written.
        var idleTicks = 0
        while idleTicks < 2 {
            inbox.putTick()
            idleTicks = try takeTurns(writingHere: true) ? 0 : idleTicks + 1
        }
    }

    /// Adds one that is told, on this thread, of each change in the part that the node plays.
    func observe(_ change: @escaping @Sendable (ShardChange) -> Void) { observers.withLock { $0.append(change) } }

    /// Writes what is queued and finds room, and returns when the thread has ended. May be called again.
    func close() {
        isClosing.store(true, ordering: .releasing)
        disk.end()
        wake.signal()
        finished.wait()
        finished.signal()
    }

    /// - Parameter writingHere: whether this thread writes, and nothing else does.
    /// - Returns: whether anything was written, or is to be.
    @discardableResult
    private func takeTurns(writingHere: Bool) throws(StorageError) -> Bool {
        var hasWritten = false
        while let directives = driver.turn(at: now) {
            peers?.send(directives.frames)
            for item in directives.snapshots { snapshots?.put(item) }
            for item in directives.changes {
                if case .stopped(let failure) = item.change { throw reason(of: failure, item.shard) }
                for observer in observers.withLock({ $0 }) { observer(item) }
            }
            guard let write = directives.write else { continue }
            hasWritten = true
            if let diskThread, !writingHere { diskThread.put(write) } else { try disk.perform(write) }
        }
        return hasWritten
    }

    private var now: Duration { .nanoseconds(DispatchTime.now().uptimeNanoseconds) }

    /// When a write that is held back is to leave.
    private var heldUntil: DispatchTime? {
        driver.heldUntil.map { DispatchTime(uptimeNanoseconds: UInt64($0 / .nanoseconds(1))) }
    }

    private func reason(of failure: ReplicaFailure, _ shard: ShardID) -> StorageError {
        diskThread?.failure ?? disk.store.logs[Int(shard.rawValue)].damage
            ?? .notReplicated(shard: shard.rawValue, reason: "\(failure)")
    }
}

extension Thread {
    /// Starts a thread that lives as long as `body` takes.
    static func start(_ name: String, _ body: @escaping @Sendable () -> Void) {
        let thread = Thread { body() }
        thread.name = name
        thread.start()
    }
}
