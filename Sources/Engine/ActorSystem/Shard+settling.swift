import EventSourcing

extension Shard {
    /// Moves the committed states over every record that is committed.
    func settle() {
        let standing = journal.standing
        guard holds(standing) else { return changePart(to: standing) }
        guard leads != nil else { return follow(through: standing.committed) }
        while let first = inFlight.first, first.index <= standing.committed {
            inFlight.removeFirst()
            for owner in first.owners { note(owner, owner.settle(first.index), at: first.index) }
            settledTime = first.time
        }
        // Entries that are no records settle by themselves.
        settled = max(settled, standing.committed)
        saveNext()
    }

    func note(_ owner: AnyOwner, _ outcome: Settled, at index: LogIndex) {
        audit?(index, owner.kind, owner.idBytes, owner.committedBytes)
        changed[Int(owner.kind.rawValue)] = index
        if !watchers.isEmpty { watchers.tell(owner.kind, id: owner.idBytes) }
        if outcome.becameUnsaved { unsaved.append(UnsavedOwner(owner, since: index, tick: tick)) }
        if let listing = outcome.newListing { listings.insert(listing, of: owner.kind) }
        switch outcome.alarm {
        case .unchanged: break
        case .set(let moment): arm(moment, owner)
        case .off: alarms[owner.kind]?.disarm(owner.idBytes)
        }
        if outcome.historyCount >= limits.unsavedHistoryMax { save([owner]) }
    }
}
