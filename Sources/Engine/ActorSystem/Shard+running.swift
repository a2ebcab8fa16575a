import EventSourcing

extension Shard {
    /// Follows the commits and looks after saving and memory, until the journal ends or the task is cancelled.
    ///
    /// - Parameter timer: measures the pauses.
    public func run(timer: any Clock<Duration> = ContinuousClock()) async {
        let commits = journal.commits()
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                for await _ in commits { await self.settle() }
            }
            group.addTask {
                while !Task.isCancelled {
                    try? await timer.sleep(for: self.limits.tickInterval)
                    await self.lookAfterItself()
                }
            }
            await group.next()
            group.cancelAll()
        }
    }

    /// One tick: saves what has waited long enough, lets idle owners leave, forgets what may be forgotten. After each
    /// slice the others get their turn.
    public func lookAfterItself() async {
        tick += 1
        settle()
        while let owed = round?.owed(at: tick), owed > 0 {
            saveMore(owed)
            await Task.yield()
        }
        // Entries that are no records move the checkpoint on too.
        if unsaved.isEmpty, round == nil { save([]) }
        beginLeaving()
        var asked = min(residents.count, limits.residentsPerTickMax)
        while asked > 0, passivate(min(asked, limits.ownersPerStepMax)) {
            asked -= limits.ownersPerStepMax
            await Task.yield()
        }
        forgetSlice()
        pruneHistorySlice()
    }
}
