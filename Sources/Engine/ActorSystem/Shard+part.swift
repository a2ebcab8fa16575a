import DequeModule
import EventSourcing

/// A shard's part: the leader decides, everybody else follows. The journal says which it is, and the shard falls in
/// with it at its next step, before it decides or settles anything.
extension Shard {
    /// - Returns: the term in which this shard may decide now, and how far its log is final.
    func requireLeadership() throws(ExecutionFailure) -> (term: UInt64, committed: LogIndex) {
        let standing = journal.standing
        if !holds(standing) { changePart(to: standing) }
        guard let leads else { throw .refused(.closed) }
        return (leads, standing.committed)
    }

    /// Whether the part played is the one that the journal assigns.
    func holds(_ standing: Standing) -> Bool {
        standing.leadership?.term == leads && standing.replacements == replacements
    }

    /// Takes the part that `standing` assigns. What an earlier leadership has in flight is discarded first: the log
    /// alone says what became of it.
    func changePart(to standing: Standing) {
        if standing.replacements != replacements {
            startOver(replacements: standing.replacements)
        } else if leads != nil {
            cede()
        }
        follow(through: standing.committed)
        if let leadership = standing.leadership, leadership.first <= settled {
            leads = leadership.term
            ledSince = settled
        }
    }

    private func cede() {
        leads = nil
        for record in inFlight { for owner in record.owners { owner.dropRunning() } }
        inFlight = []
    }

    /// Another node's states have replaced those that this shard was built on.
    private func startOver(replacements: UInt64) {
        self.replacements = replacements
        leads = nil
        inFlight = []
        unsaved = []
        round = nil
        residents = []
        alarms = [:]
        listings = ListingOverlay()
        forgetting = Forgetting()
        pruning = HistoryPruning()
        tables = tables.map { $0?.emptied() }
        settled = journal.checkpoint
        checkpointQueued = settled
        changed = changed.map { _ in settled }
        do {
            if let time = try storedTime() { noteTime(time) }
            try loadAlarms()
        } catch {
            stop(error)
        }
    }

    /// The log has got as far as `time`.
    private func noteTime(_ time: Timestamp) {
        lastTime = max(lastTime, time)
        settledTime = max(settledTime, time)
    }

    /// Applies the committed records up to `index` that are not settled yet.
    func follow(through index: LogIndex) {
        guard settled < index else { return }
        do {
            try replayOwn(through: index)
        } catch is LogUnreadable {
            // The journal stops the node by itself, and leads no more until then.
        } catch {
            stop(error)
        }
    }

    /// Whether another node's states have replaced the log that this shard has followed, or are about to.
    private var isReplaced: Bool {
        let standing = journal.standing
        return standing.isBeingReplaced || standing.replacements != replacements
    }

    /// Rebuilds the committed states: the log behind the checkpoint, then the alarms.
    ///
    /// - Returns: the number of records replayed.
    @discardableResult
    public func recover() throws -> Int {
        let end = journal.committed
        if let time = try storedTime() {
            noteTime(time)
        } else if end > .zero {
            do {
                if let last = try journal.records(from: end, countMax: 1, bytesMax: 1).first { noteTime(last.time) }
            } catch is LogTruncated {
                // No state was ever saved: up to the checkpoint there were only entries that are no records.
            }
        }
        let count = try replayOwn(through: end)
        try loadAlarms()
        return count
    }

    /// As `replay`, but ends early where the log is replaced meanwhile: the next step starts over from what it is then.
    @discardableResult
    private func replayOwn(through end: LogIndex) throws -> Int {
        do {
            return try replay(through: end)
        } catch is LogTruncated where isReplaced {
            return 0
        }
    }

    private func replay(through end: LogIndex) throws -> Int {
        var count = 0
        while settled < end {
            let records = try journal.records(
                from: settled.next, countMax: limits.replayBatchRecords, bytesMax: limits.replayBatchBytes)
            for record in records.prefix(while: { $0.index <= end }) {
                try replay(record)
                count += 1
            }
            // What is left up to there are entries that are no records.
            if records.last.map({ $0.index >= end }) ?? true { settled = end }
            saveNext()
            if residents.count > limits.residentsMax {
                beginLeaving()
                passivate(limits.residentsPerTickMax)
            }
        }
        return count
    }

    private func replay(_ record: JournalRecord) throws {
        let body = try RecordBody(record.bytes)
        let stamp = RecordStamp(index: record.index, time: record.time, actor: body.actor)
        for entry in body.entries {
            guard let table = table(of: entry.kind) else {
                throw RecoveryFailure.unknownKind(entry.kind.rawValue, record.index)
            }
            if let (owner, settled) = try table.replay(entry, stamp, self) {
                note(owner, settled, at: record.index)
            }
        }
        settled = record.index
        noteTime(record.time)
    }
}
