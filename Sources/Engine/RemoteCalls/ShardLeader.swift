import ActorSystem
import Consensus
import Distributed
import EventSourcing

/// Names the leader of a shard on a node, whether that node leads it or not.
struct LeaderID: Hashable, Sendable {
    let node: NodeID
    let shard: ShardID
}

/// What a node does for its peers.
struct Service: Sendable {
    let steps: StepTable
    let shards: ShardMap
    let clock: @Sendable () -> Timestamp
    /// The node that leads a shard, as far as this one knows.
    let leader: @Sendable (ShardID) -> NodeID?
}

/// One shard, as the other nodes call it.
///
/// It runs on the executor of its shard: a call is begun there in one synchronous step, and calls are begun in the
/// order in which they arrive. What comes after that, they do beside each other.
distributed actor ShardLeader {
    typealias ActorSystem = CallSystem

    private let shard: Shard
    private let service: Service

    init(of shard: Shard, _ service: Service, actorSystem: CallSystem) {
        self.shard = shard
        self.service = service
        self.actorSystem = actorSystem
    }

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        actorSystem.executor(of: id) ?? buildDefaultDistributedRemoteActorExecutor(self)
    }

    /// Takes a step or procedure, and answers once everything that the answer rests on is committed.
    distributed func take(_ call: ShardCall) async -> LeaderReply {
        let finish: @Sendable () async throws(ExecutionFailure) -> [UInt8]
        switch begin(call) {
        case .failure(let reply): return LeaderReply(reply.content)
        case .success(let begun): finish = begun.finish
        }
        do throws(ExecutionFailure) {
            return LeaderReply(.replied(try await finish()[...]))
        } catch {
            return LeaderReply(.failed(error))
        }
    }

    private struct NotBegun: Error {
        let content: LeaderReply.Content
    }

    private func begin(_ call: ShardCall) -> Result<BegunCall, NotBegun> {
        guard call.deadline > .now else { return .failure(NotBegun(content: .late)) }
        let read: ReadCall
        do throws(StepFailure) {
            read = try service.steps.read(call.bytes)
        } catch {
            return .failure(NotBegun(content: error.content))
        }
        guard service.shards[read.slot] === shard else { return .failure(NotBegun(content: .malformed)) }
        let (service, id) = (service, shard.id)
        return shard.assumeIsolated { shard in
            do throws(ExecutionFailure) {
                return .success(try shard.begin(read, at: service.clock()))
            } catch .refused(.closed) {
                return .failure(NotBegun(content: .notLeading(service.leader(id))))
            } catch {
                return .failure(NotBegun(content: .failed(error)))
            }
        }
    }
}

extension StepFailure {
    fileprivate var content: LeaderReply.Content {
        switch self {
        case .unknownStep(let number): .unknownStep(number)
        case .malformed: .malformed
        case .notTaken(let failure): .failed(failure)
        }
    }
}
