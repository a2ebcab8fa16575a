import ActorSystem
import Cluster
import Consensus
import EventSourcing
import Logging

/// Takes calls to the leaders of shards, wherever they are.
///
/// A call is sent again only when it cannot have been performed: no node led, the node that was asked did not, or
/// nothing was sent. A call of which nothing is heard has an unknown outcome; its caller holds an idempotency key.
public struct RemoteRoute: ShardRoute {
    let system: CallSystem
    let watch: LeaderWatch
    let limits: CallLimits
    let leader: @Sendable (ShardID) -> NodeID?

    public func run(_ call: [UInt8], on shard: ShardID) async throws(ExecutionFailure) -> [UInt8] {
        let begun = ContinuousClock.now
        let call = ShardCall(call, deadline: begun + limits.timeout)
        var search = LeaderSearch(own: system.node)
        var isDelayed = false
        while true {
            let version = watch.version
            while let node = search.next(known: leader(shard), connected: system.outgoing.connected) {
                switch await ask(node, call, on: shard) {
                case .success(.replied(let reply)): return Array(reply)
                case .success(.failed(let failure)): throw failure
                case .success(.notLeading(let other)):
                    system.counter.count(\.passedOn)
                    search.heard(from: node, leader: other)
                case .success(.late): throw .refused(.closed)
                case .success(.unknownStep), .success(.malformed), .failure(.refused(.unknownTarget)):
                    report("A node does not take a call that this one sends", node)
                    throw .refused(.closed)
                case .failure(.notConnected), .failure(.refused(.notServing)):
                    search.heard(from: node, leader: nil)
                case .failure(.full), .failure(.refused(.full)): throw .refused(.full)
                case .failure(.lost):
                    system.counter.count(\.lost)
                    throw .outcomeUnknown
                }
            }
            let elapsed = ContinuousClock.now - begun
            guard elapsed < limits.leaderWait, !Task.isCancelled else { throw .refused(.closed) }
            if !isDelayed { system.counter.count(\.delayed) }
            isDelayed = true
            guard await watch.change(since: version) else { throw .refused(.closed) }
            search.waited(asksOthers: elapsed > limits.askOthersAfter)
        }
    }

    public func didNotUnderstand(_ failure: MalformedBytes, of call: StepNumber) {
        system.counter.count(\.notUnderstood)
        system.logger.error(
            "A leader's reply to a step is none", metadata: ["step": "\(call.rawValue)", "error": "\(failure)"])
    }

    private func ask(
        _ node: NodeID, _ call: ShardCall, on shard: ShardID
    ) async -> Result<LeaderReply.Content, CallFailure> {
        do {
            let leader = try ShardLeader.resolve(id: LeaderID(node: node, shard: shard), using: system)
            return .success(try await leader.take(call).content)
        } catch let failure as CallFailure {
            return .failure(failure)
        } catch {
            // The call was taken; what the reply says is not known.
            report("A leader's reply cannot be read", node)
            return .failure(.lost)
        }
    }

    private func report(_ text: Logger.Message, _ node: NodeID) {
        system.counter.count(\.notUnderstood)
        system.logger.error(text, metadata: ["peer": "\(node)"])
    }
}
