import Cluster
import Consensus
import EventSourcing
import LogFormat

/// Where consensus meets disk and network: each effect is one step, and the process may die between any two.
extension NodeProcess {
    /// How long a flush takes.
    private static let flushTime = (Duration.microseconds(300), Duration.milliseconds(4))

    func receive(_ event: PeerEvent) {
        guard !life.isOver else { return }
        switch event {
        case .unreachable(let peer, let group): inbox.putUnreachable(peer, of: ShardID(group.rawValue))
        case .message(let message, let group):
            let item = ShardMessage(shard: ShardID(group.rawValue), message: message)
            inbox.put(Frame(peer: message.from, messages: [item]))
        }
    }

    func perform(_ directives: NodeDirectives) {
        for frame in directives.frames {
            for item in frame.messages {
                world.observe(.sent(node.id, item.shard, item.message))
                network.send([item.message], of: GroupID(item.shard.rawValue))
            }
        }
        for item in directives.snapshots {
            world.observe(.sent(node.id, item.shard, item.message))
            sendSnapshot(item.message, of: item.shard)
        }
        let isDelicate = directives.frames.contains { $0.messages.contains(where: \.message.isDelicate) }
        guard !diesHere(isDelicate ? World.crashesPerDelicateMessage : World.crashesPerEffect) else { return }
        if let write = directives.write { begin(write) }
        for part in directives.committed {
            for entry in part.entries { world.didCommit(entry, of: part.shard, on: node.id) }
        }
        for item in directives.changes {
            change(item.change, of: item.shard)
            if life.isOver { return }
        }
        _ = diesHere()
    }

    // MARK: - The disk

    private func begin(_ write: NodeWrite) {
        var write = write
        write.parts = write.parts.map { world.mistaken($0, on: node) }
        underWay.append(write)
        if world.bugs.contains(.acknowledgeBeforeFlush) { inbox.putFlushed(write.number) }
        if underWay.count == 1 { flush() }
    }

    /// Hands the oldest write to the disk.
    private func flush() {
        let time = world.random.duration(Self.flushTime.0, Self.flushTime.1) * node.slowness
        world.plan(after: time, "flush", node.id.rawValue) { [weak self] in
            guard let self, !life.isOver else { return }
            node.act { [weak self] in
                guard let self, !life.isOver else { return }
                finishFlush()
            }
        }
    }

    private func finishFlush() {
        guard !diesHere() else { return }
        let write = underWay.removeFirst()
        do throws(LogStoreFailure) {
            try failFlush(write.parts)
            try store.write(write.parts)
        } catch {
            guard world.bugs.contains(.flushFailureIgnored) else { return inbox.putFlushFailed() }
        }
        guard !diesHere() else { return }
        if !world.bugs.contains(.acknowledgeBeforeFlush) { inbox.putFlushed(write.number) }
        if !underWay.isEmpty { flush() }
    }

    /// The flush may fail; what is on the disk then is unknown.
    private func failFlush(_ writes: [ShardWrite]) throws(LogStoreFailure) {
        let isFull = node.isFull && world.strikes(.fullDisk, rate: 0.05)
        guard isFull || world.strikes(.failedFlush, rate: 0.01) else { return }
        if world.random.chance(0.5) { try store.write(writes) }
        store.fail(LogStoreFailure(code: isFull ? .full : .device, message: "as drawn"))
    }

    /// The process dies with a flush under way: it is done, or lost, or torn.
    func loseFlush() {
        let writes = underWay.first?.parts ?? []
        underWay = []
        guard !writes.isEmpty, !world.strikes(.lostWrites) else { return }
        do {
            if world.mayDamage(node), world.strikes(.tornWrite, rate: 0.3) {
                try node.disk.tear(writes, &world.random)
            } else {
                for write in writes { try node.disk.perform(write) }
            }
        } catch {
            world.trace("damaged", node.id.rawValue, text: "\(error)")
        }
    }

    /// Whether the process dies at this point.
    func diesHere(_ rate: Double = World.crashesPerEffect) -> Bool {
        guard world.strikes(.crash, rate: rate) else { return false }
        node.crash()
        world.planRestart(of: node)
        return true
    }
}

extension Message {
    /// Whether the protocol has most to lose when its sender dies now.
    fileprivate var isDelicate: Bool {
        switch body {
        case .vote(isGranted: true): true
        case .append(_, let entries, _): entries.first.map { $0.term < term } ?? false
        default: false
        }
    }
}
