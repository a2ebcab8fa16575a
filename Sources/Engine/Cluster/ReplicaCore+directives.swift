import Consensus
import EventSourcing
import Synchronization

extension ReplicaCore {
    /// Whether `directives` has anything to say of the replica.
    var hasDirectives: Bool {
        replica.hasReady || !changes.isEmpty || !lost.isEmpty || !held.isEmpty || readers.isDue
    }

    /// What is to be done now, with everything that the owners have handed in.
    mutating func directives(_ front: borrowing Mutex<JournalFront>) -> ReplicaDirectives {
        var directives = ReplicaDirectives()
        let (reading, callers) = front.withLock { front in
            takeProposals(of: &front)
            return (front.takeReading(), front.takeReaders())
        }
        if !reading.isEmpty { beginBarrier(of: reading) }
        beginBarrier(for: callers)
        var log: LogWrite?
        // A write holds one set of entries: what comes on top waits for the next.
        while hasUnsent || replica.hasReady, log == nil {
            sendAppended()
            var step = replica.ready()
            directives.messages += step.messages
            log = step.write
            for state in step.readStates { endBarrier(state) }
            if let application = step.apply.take() {
                directives.committed += application.entries
                apply(application, front)
            }
        }
        directives.write = write(log, front)
        refresh()
        directives.changes = changes
        changes = []
        return directives
    }

    /// All proposals of a turn leave in one message.
    private mutating func sendAppended() {
        guard hasUnsent else { return }
        hasUnsent = false
        replica.sendAppended()
    }

    /// Appends a change of membership, behind the proposals that wait.
    mutating func propose(
        _ change: MembershipChange, _ front: borrowing Mutex<JournalFront>
    ) throws(ProposalRefusal) -> Proposal {
        let result: Result<Proposal, ProposalRefusal> = front.withLock { front in
            takeProposals(of: &front)
            defer { front.logEnds(at: replica.lastIndex) }
            return Result { () throws(ProposalRefusal) in try replica.propose(change) }
        }
        return try result.get()
    }

    private mutating func apply(_ application: consuming Application, _ front: borrowing Mutex<JournalFront>) {
        let mayAppend = replica.membership.isJoint || application.entries.contains(where: \.changesMembership)
        guard mayAppend else { return apply(application) }
        // The replica may append an entry of its own: no proposal may be given its index meanwhile.
        var application = Optional(application)
        front.withLock { front in
            takeProposals(of: &front)
            apply(application.take()!)
            front.logEnds(at: replica.lastIndex)
        }
    }

    private mutating func apply(_ application: consuming Application) {
        for entry in application.entries {
            if case .membershipChange = entry.payload {
                // One that cannot be made has no effect on any replica.
                if let membership = try? replica.applyMembershipChange(entry) {
                    memberships.append((entry.index, membership))
                }
            }
            committed = max(committed, entry.index)
        }
        replica.applied(application)
    }

    // MARK: - Writing

    private mutating func write(_ log: LogWrite?, _ front: borrowing Mutex<JournalFront>) -> ShardWrite? {
        let saved = front.withLock { front -> QueuedStates.Saved? in
            if let snapshot = log?.snapshot {
                // Saved states could ride along with a snapshot only if they came from it.
                front.states.replace(upTo: snapshot.last.index)
                return nil
            }
            return front.maySave && !isStopped ? front.states.take() : nil
        }
        guard log != nil || saved != nil else { return nil }
        writesCount += 1
        var write = ShardWrite(shard: shard, number: writesCount)
        write.log = log
        if let snapshot = log?.snapshot {
            guard let rows = arrivedRows.first(where: { $0.snapshot == snapshot })?.rows else {
                preconditionFailure("a snapshot is announced once its rows have arrived")
            }
            write.replacement = rows
            arrivedRows = []
        }
        if let saved {
            write.changes = saved.changes
            write.checkpoint = saved.checkpoint.flatMap { snapshot(at: $0) }
            write.compaction = saved.compaction.flatMap { compaction(upTo: $0, with: write.checkpoint) }
        }
        writes.append(
            WriteUnderWay(
                number: writesCount, sequence: log?.sequence, snapshot: log?.snapshot,
                checkpoint: write.checkpoint?.last.index, generation: saved?.generation))
        return write
    }

    /// Entries up to `index`, and never past the newest checkpoint, may go but for those that are retained.
    private func compaction(upTo index: EntryIndex, with checkpoint: Snapshot?) -> EntryIndex? {
        let newest = checkpoint?.last.index ?? writes.last { $0.checkpoint != nil }?.checkpoint ?? self.checkpoint
        let end = Mistake.compactPastCheckpoint.isMade ? committed : min(index, newest)
        return end.rawValue > UInt64(retainedEntries) ? end.advanced(by: -retainedEntries) : nil
    }

    /// The checkpoint at `index`; nil when it does not move it on.
    private mutating func snapshot(at index: EntryIndex) -> Snapshot? {
        guard index >= checkpoint, index <= committed, let term = replica.term(at: index) else { return nil }
        guard let position = memberships.lastIndex(where: { $0.since <= index }) else { return nil }
        memberships.removeFirst(position)
        return Snapshot(last: EntryID(term: term, index: index), membership: memberships[0].membership)
    }

    // MARK: - Read barriers

    private mutating func beginBarrier(of decisions: [JournalFront.WaitingDecision]) {
        barriersCount &+= 1
        do throws(ReadRefusal) {
            try replica.read(id: barriersCount)
            barriers.append((barriersCount, decisions))
        } catch {
            lost += decisions
        }
    }

    private mutating func beginBarrier(for callers: [ReadBarriers.Waiter]) {
        guard !isStopped else { return readOutcomes += callers.map { ReadBarriers.Outcome(waiter: $0, index: nil) } }
        readers.add(callers)
        guard let number = readers.ask(after: &barriersCount) else { return }
        do throws(ReadRefusal) {
            try replica.read(id: number)
        } catch {
            readers.wasRefused()
        }
    }

    private mutating func endBarrier(_ state: ReadState) {
        readers.answered(state)
        guard let position = barriers.firstIndex(where: { $0.number == state.id }) else { return }
        held += barriers.remove(at: position).decisions
    }
}

extension Entry {
    fileprivate var changesMembership: Bool {
        if case .membershipChange = payload { return true }
        return false
    }
}
