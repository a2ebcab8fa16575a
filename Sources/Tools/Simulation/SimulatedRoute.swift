import ActorSystem
import Consensus
import EventSourcing

/// The way from a node to the leader of a shard: a call and its answer over the simulated network.
struct SimulatedRoute: ShardRoute, @unchecked Sendable {
    // One thread: the world's.
    /// A caller that hears nothing for this long gives up. Longer than a deposed leader takes to notice.
    private static let timeout = Duration.seconds(3)

    unowned let process: NodeProcess

    func run(_ call: [UInt8], on shard: ShardID) async throws(ExecutionFailure) -> [UInt8] {
        let (world, own) = (process.world, process.node.id)
        guard let leader = process.leader(of: shard), leader != own else { throw .refused(.closed) }
        try await travel(from: own, to: leader, "call", shard)
        guard let target = world.process(of: leader), target.isServing, await target.isAwake() else {
            throw try await lost()
        }
        let taken = await take(call, on: target)
        guard !target.life.isOver else { throw try await lost() }
        let reply = try taken.get()
        try await travel(from: leader, to: own, "call answer", shard)
        return reply
    }

    func didNotUnderstand(_ failure: MalformedBytes, of call: StepNumber) {
        process.world.violate("a reply to call \(call.rawValue) was not understood: \(failure)")
    }

    /// Has the leader take the call. It goes on when the caller dies, and ends with the leader.
    private func take(_ call: [UInt8], on target: NodeProcess) async -> Result<[UInt8], ExecutionFailure> {
        let world = process.world
        let box = AnswerBox(Result<[UInt8], ExecutionFailure>.failure(.outcomeUnknown))
        _ = await world.outside.wait { number in
            target.life.spawn {
                do throws(StepFailure) {
                    // The leader's own clock stamps what it decides.
                    let reply = try await target.steps.take(call, in: target.shards, at: target.node.time)
                    box.answer = .success(
                        world.bugs.contains(.replyCutShort) ? Array(reply.dropLast()) : reply)
                } catch {
                    if case .notTaken(let failure) = error {
                        box.answer = .failure(failure)
                    } else {
                        world.violate("a call was not understood: \(error)")
                    }
                }
                world.outside.finish(number, with: true)
            }
        }
        return box.answer
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
