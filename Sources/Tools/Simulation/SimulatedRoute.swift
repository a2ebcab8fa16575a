import ActorSystem
import Consensus
import EventSourcing

/// The way from a node to the leader of a shard: a call and its answer over the simulated network.
struct SimulatedRoute: ShardRoute, @unchecked Sendable {
    // One thread: the world's.
    /// A caller that hears nothing for this long gives up. Longer than a deposed leader takes to notice.
    private static let timeout = Duration.seconds(3)

    unowned let process: NodeProcess

    func execute<Answer: Sendable, Refusal: Error>(
        on shard: ShardID, at now: Timestamp, by actor: ActorID?, _ body: @Sendable (Batch) throws(Refusal) -> Answer
    ) async throws(ExecutionFailure) -> Result<Answer, Refusal> {
        try await call(shard) { target async throws(ExecutionFailure) in
            // The leader's own clock stamps what it decides.
            try await target.shards[shard].executeHere(at: target.node.time, by: actor, body)
        }
    }

    func run(_ call: [UInt8], on shard: ShardID) async throws(ExecutionFailure) -> [UInt8] {
        try await self.call(shard) { target async throws(ExecutionFailure) in
            do throws(StepFailure) {
                let reply = try await StepTable.ofSimulation.take(call, in: target.shards, at: target.node.time)
                return target.world.bugs.contains(.replyCutShort) ? Array(reply.dropLast()) : reply
            } catch {
                guard case .notTaken(let failure) = error else {
                    target.world.violate("a step was not understood: \(error)")
                    throw .outcomeUnknown
                }
                throw failure
            }
        }
    }

    func didNotUnderstand(_ failure: MalformedBytes, of step: StepNumber) {
        process.world.violate("a reply to step \(step.rawValue) was not understood: \(failure)")
    }

    /// Goes to the leader of `shard`, has it do `work`, and comes back.
    private func call<Answer: Sendable>(
        _ shard: ShardID, _ work: (NodeProcess) async throws(ExecutionFailure) -> Answer
    ) async throws(ExecutionFailure) -> Answer {
        let (world, own) = (process.world, process.node.id)
        guard let leader = process.leader(of: shard), leader != own else { throw .refused(.closed) }
        try await travel(from: own, to: leader, "call", shard)
        guard let target = world.process(of: leader), target.isServing, await target.isAwake() else {
            throw try await lost()
        }
        let answer = try await work(target)
        guard !target.life.isOver else { throw try await lost() }
        try await travel(from: leader, to: own, "call answer", shard)
        return answer
    }

    private func travel(
        from: NodeID, to: NodeID, _ label: StaticString, _ shard: ShardID
    ) async throws(ExecutionFailure) {
        let world = process.world
        // What is under way arrives though the caller may have died.
        let hasArrived = await world.outside.wait { number in
            let isCarried = world.network.carry(from: from, to: to, label, UInt64(shard.rawValue)) {
                world.outside.finish(number, with: true)
            }
            if !isCarried { world.outside.finish(number, with: false) }
        }
        guard hasArrived else { throw try await lost() }
    }

    /// No answer will come, and it takes a while to be sure of that.
    private func lost() async throws(ExecutionFailure) -> ExecutionFailure {
        try? await process.life.sleep(for: Self.timeout)
        return .outcomeUnknown
    }
}

extension NodeProcess {
    /// Who leads a shard. A node that does not know asks others: it may be no member any more, and not know that
    /// either.
    fileprivate func leader(of shard: ShardID) -> NodeID? {
        let journal = journals[Int(shard.rawValue)]
        if journal.membership.nodes.contains(node.id), let leader = journal.leader { return leader }
        return world.nodes.lazy.filter { [node, world] other in
            other.isUp && !other.isPaused && !world.network.isCut(from: node.id, to: other.id)
        }.compactMap { other -> NodeID? in
            guard let journal = other.process?.journals[Int(shard.rawValue)],
                journal.membership.nodes.contains(other.id)
            else { return nil }
            return journal.leader
        }.first
    }

    /// Waits until the node is no longer paused.
    ///
    /// - Returns: false when the process has died.
    fileprivate func isAwake() async -> Bool {
        guard node.isPaused else { return !life.isOver }
        return await life.wait { number in node.act { self.life.finish(number, with: true) } }
    }
}
