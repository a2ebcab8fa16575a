import Consensus
import EventSourcing
import Synchronization

/// What happens around a node's replicas.
enum NodeInput: Sendable {
    /// One tick has passed.
    case tick
    /// Messages of another node have arrived.
    case frame(Frame)
    /// Messages of a shard to a node were dropped.
    case unreachable(NodeID, of: ShardID)
    /// The connection to a node has ended: its process probably has.
    case disconnected(NodeID)
    /// The write with this number is durable.
    case flushed(UInt64)
    /// A write failed. What is on the disk is unknown.
    case flushFailed
    /// All the rows of an announced snapshot have arrived.
    case snapshotArrived(ShardMessage, SnapshotRows)
    /// How sending a snapshot's rows to a node ended.
    case snapshotSent(to: NodeID, of: ShardID, isDelivered: Bool)
}

/// What waits for a node's driver: any thread puts in, the driver's thread takes out.
///
/// The driver's thread sleeps while there is nothing; `wake` is called once when there is something again.
public final class NodeInbox: Sendable {
    /// Messages of other nodes that wait for one turn of the driver: some hundred milliseconds of the busiest network.
    /// Past it frames are dropped, as a network may drop them.
    static let messagesMax = 16_384
    /// Bytes of entries that wait with them: what a few followers' windows let in.
    static let bytesMax = 64 << 20

    fileprivate struct Content {
        var inputs: [NodeInput] = []
        var messages = 0
        var bytes = 0
        /// Whether the replica of a shard has something to say, by shard.
        var touched: [Bool]
        var isAnyTouched = false
        /// Whether the driver is at work, or has been woken.
        var isAwake = false
        /// Records that may come before the driver is woken for them.
        var recordsPassedOver = 0
    }

    private let content: Mutex<Content>
    private let wake: @Sendable () -> Void

    /// - Parameters:
    ///   - shards: their number.
    ///   - wake: called on the thread that puts something in; must not call back.
    public init(shards: Int, wake: @escaping @Sendable () -> Void) {
        content = Mutex(Content(touched: Array(repeating: false, count: shards)))
        self.wake = wake
    }

    // MARK: - Putting in

    public func putTick() { put(.tick) }

    /// - Returns: false when there is no room: the frame is dropped.
    @discardableResult
    public func put(_ frame: Frame) -> Bool {
        let bytes = frame.entryBytes
        let (isTaken, mustWake) = content.withLock { content in
            let hasRoom =
                content.messages + frame.messages.count <= Self.messagesMax && content.bytes + bytes <= Self.bytesMax
            // One frame of any size gets through.
            guard hasRoom || content.messages == 0 else { return (false, false) }
            content.messages += frame.messages.count
            content.bytes += bytes
            content.inputs.append(.frame(frame))
            return (true, content.takeAsleep())
        }
        if mustWake { wake() }
        return isTaken
    }

    /// Messages of `shard` to `node` were dropped.
    public func putUnreachable(_ node: NodeID, of shard: ShardID) { put(.unreachable(node, of: shard)) }

    /// The connection to `node` has ended, be it that its process has died or that the network has given it up.
    public func putDisconnected(_ node: NodeID) { put(.disconnected(node)) }

    /// The write numbered `number` is durable.
    public func putFlushed(_ number: UInt64) { put(.flushed(number)) }

    /// A write failed, of the driver's or of a snapshot's rows.
    public func putFlushFailed() { put(.flushFailed) }

    /// All the rows of a snapshot have arrived, and the message that announces it.
    public func putSnapshot(_ message: ShardMessage, rows: [StateRow]) {
        put(.snapshotArrived(message, .held(rows)))
    }

    /// As above, of rows that the store has staged.
    public func putSnapshot(_ message: ShardMessage, staged rows: StagedRows) {
        put(.snapshotArrived(message, .staged(rows)))
    }

    /// How sending a snapshot's rows to `node` ended.
    public func putSnapshotSent(to node: NodeID, of shard: ShardID, isDelivered: Bool) {
        put(.snapshotSent(to: node, of: shard, isDelivered: isDelivered))
    }

    private func put(_ input: NodeInput) {
        let mustWake = content.withLock { content in
            content.inputs.append(input)
            return content.takeAsleep()
        }
        if mustWake { wake() }
    }

    /// The replica of `shard` has something to say which the driver did not bring about.
    func touch(_ shard: ShardID) {
        let mustWake = content.withLock { content in
            content.touched[Int(shard.rawValue)] = true
            content.isAnyTouched = true
            return content.takeAsleep()
        }
        if mustWake { wake() }
    }

    /// An owner of `shard` has handed in a record.
    func touchWithRecord(of shard: ShardID) {
        let mustWake = content.withLock { content in
            content.touched[Int(shard.rawValue)] = true
            content.isAnyTouched = true
            guard content.recordsPassedOver == 0 || content.isAwake else {
                content.recordsPassedOver -= 1
                return false
            }
            return content.takeAsleep()
        }
        if mustWake { wake() }
    }

    // MARK: - Taking out

    /// What one turn of the driver deals with.
    struct Turn {
        let inputs: [NodeInput]
        /// By shard.
        var touched: [Bool]
    }

    /// Everything that waits; nil when that is nothing, and the driver sleeps until it is woken.
    ///
    /// - Parameter records: it is not woken for so many records: a write that is held back waits for more of them.
    func take(passingOver records: Int) -> Turn? {
        content.withLock { content in
            guard !content.inputs.isEmpty || content.isAnyTouched else {
                content.isAwake = false
                content.recordsPassedOver = records
                return nil
            }
            let turn = Turn(inputs: content.inputs, touched: content.touched)
            content = Content(touched: Array(repeating: false, count: content.touched.count), isAwake: true)
            return turn
        }
    }
}

extension NodeInbox.Content {
    /// Whether the driver has to be woken; it then counts as awake.
    fileprivate mutating func takeAsleep() -> Bool {
        defer { isAwake = true }
        return !isAwake
    }
}
