import EventSourcing

/// The single writer of one aggregate: an actor on its shard's executor, so that the shard can enter several owners
/// in one synchronous step.
actor Owner<A: Recorded> {
    private nonisolated let executor: UnownedSerialExecutor
    // Only its shard's isolated methods have an owner in their hands, and they run on the executor that both share.
    private nonisolated(unsafe) let entered: OwnerState<A>

    init(home: UnownedSerialExecutor, value: Versioned<A>, id: A.ID) {
        executor = home
        entered = OwnerState(value, id: id)
    }

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor }
    /// It never changes.
    nonisolated var id: A.ID { entered.id }

    /// The aggregate, entered without suspending. Debug builds look whether this is the shard's executor.
    nonisolated var state: OwnerState<A> {
        #if DEBUG
            preconditionIsolated("an owner is entered on its shard")
        #endif
        return entered
    }
}
