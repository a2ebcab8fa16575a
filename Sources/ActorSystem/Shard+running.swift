import EventSourcing

extension Shard {
    /// Follows the commits and looks after saving and memory, until the journal ends or the task is cancelled.
    public func run() async {
        let commits = journal.commits()
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                for await index in commits { await self.settle(through: index) }
            }
            group.addTask {
                while !Task.isCancelled {
                    try? await Task.sleep(for: self.limits.tickInterval)
                    await self.lookAfterItself()
                }
            }
            await group.next()
            group.cancelAll()
        }
    }

    /// One tick: saves what has waited long enough lets idle owners leave, forgets what may be forgotten.
    public func lookAfterItself() {
        tick += 1
        settle(through: journal.committed)
        passivate()
        forgetSlice()
    }
}
