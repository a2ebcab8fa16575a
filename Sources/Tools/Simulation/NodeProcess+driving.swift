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
        case .unreachable(let peer, let group): journals[Int(group.rawValue)].reportUnreachable(peer)
        case .message(let message, let group):
            do throws(StepRefusal) {
                try journals[Int(group.rawValue)].step(message)
            } catch {
                // Lost, as far as the sender can tell.
            }
        }
        becomeDirty()
    }

    func perform(_ directives: Directives, of journal: ReplicatedJournal) {
        send(directives.messages, of: journal)
        let isDelicate = directives.messages.contains(where: \.isDelicate)
        guard !diesHere(isDelicate ? World.crashesPerDelicateMessage : World.crashesPerEffect) else { return }
        if let write = directives.write {
            queued.append(world.mistaken(write, on: node))
            flushQueued()
        }
        for entry in directives.committed { world.didCommit(entry, of: journal.shard, on: node.id) }
        for item in directives.changes {
            change(item, of: journal.shard)
            if life.isOver { return }
        }
        _ = diesHere()
    }

    private func send(_ messages: [Message], of journal: ReplicatedJournal) {
        guard !messages.isEmpty else { return }
        for message in messages { world.observe(.sent(node.id, journal.shard, message)) }
        let group = GroupID(journal.shard.rawValue)
        var batch: [Message] = []
        for message in messages {
            if case .installSnapshot = message.body {
                sendSnapshot(message, of: journal)
            } else {
                batch.append(message)
            }
        }
        network.send(batch, of: group)
    }

    // MARK: - The disk

    /// Hands everything queued to the disk, unless it is busy.
    private func flushQueued() {
        guard flushing.isEmpty, !queued.isEmpty, !life.isOver else { return }
        flushing = queued
        queued = []
        if world.bugs.contains(.acknowledgeBeforeFlush) { acknowledge(flushing) }
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
        let writes = flushing
        flushing = []
        do throws(LogStoreFailure) {
            try failFlush(writes)
            try store.write(writes)
        } catch {
            guard world.bugs.contains(.flushFailureIgnored) else {
                for write in writes { journals[Int(write.shard.rawValue)].flushFailed() }
                return becomeDirty()
            }
        }
        guard !diesHere() else { return }
        if !world.bugs.contains(.acknowledgeBeforeFlush) { acknowledge(writes) }
        becomeDirty()
        flushQueued()
    }

    private func acknowledge(_ writes: [ShardWrite]) {
        for write in writes {
            let journal = journals[Int(write.shard.rawValue)]
            let answers = journal.flushed(write.number)
            send(answers, of: journal)
            if answers.contains(where: \.isDelicate), diesHere(World.crashesPerDelicateMessage) { return }
        }
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
        let writes = flushing
        flushing = []
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
