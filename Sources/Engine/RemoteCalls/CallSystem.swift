import ActorSystem
import Cluster
import Consensus
import Distributed
import EventSourcing
import Logging
import Synchronization

/// The distributed actors of one node: a `ShardLeader` for each of its shards, and a stand-in for each that another
/// node has. What these take and return crosses as `WireCodable`, in frames of `PeerLinks`.
final class CallSystem: DistributedActorSystem {
    typealias ActorID = LeaderID
    typealias SerializationRequirement = WireCodable
    typealias InvocationEncoder = CallEncoder
    typealias InvocationDecoder = CallDecoder
    typealias ResultHandler = ReplyHandler

    private struct Serving {
        let service: Service
        /// By shard.
        var leaders: [ShardLeader] = []
    }

    let node: NodeID
    let links: any PeerLinks
    let logger: Logger
    let counter = CallCounter()
    let outgoing: OutgoingCalls
    private let incoming: IncomingCalls
    private let serving = Mutex<Serving?>(nil)

    init(node: NodeID, links: any PeerLinks, limits: CallLimits, logger: Logger) {
        self.node = node
        self.links = links
        self.logger = logger
        outgoing = OutgoingCalls(links: links, limits: limits)
        incoming = IncomingCalls(limits)
    }

    /// From now on the node takes calls on its shards.
    func serve(_ service: Service) {
        let isFirst = serving.withLock { serving in
            defer { serving = serving ?? Serving(service: service) }
            return serving == nil
        }
        precondition(isFirst, "a node serves one map of shards")
        // In their order: `assignID` numbers them so.
        for shard in service.shards.shards { _ = ShardLeader(of: shard, service, actorSystem: self) }
    }

    // MARK: - Frames

    /// A frame of a peer. Called on its connection's thread, in the order of its frames.
    func receive(_ bytes: [UInt8], from peer: NodeID) {
        do throws(MalformedBytes) {
            switch try CallFrame(decoding: bytes) {
            case .call(let number, let target, let shard, let argument):
                let call = IncomingCall(
                    peer: peer, number: number, target: target, shard: shard, argument: argument)
                if !incoming.put(call) { refuse(call, .full) }
            case .reply(let number, let value): outgoing.end(number, of: peer, with: .success(value))
            case .refusal(let number, let refusal):
                outgoing.end(number, of: peer, with: .failure(.refused(refusal)))
            }
        } catch {
            counter.count(\.notUnderstood)
            logger.warning(
                "A frame of a peer is no call", metadata: ["peer": "\(peer)", "error": "\(error)"])
        }
    }

    private func refuse(_ call: IncomingCall, _ refusal: CallRefusal) {
        counter.count(\.refused)
        links.send(CallFrame.refusal(call.number, refusal), on: .calls, to: call.peer)
    }

    // MARK: - Calls of other nodes

    /// Performs the calls that arrive, until the task is cancelled.
    ///
    /// Each begins in the order of its arrival: it runs here as far as its place in the queue of its shard, and only
    /// then the next one does.
    func performIncoming() async {
        await withDiscardingTaskGroup { group in
            for await call in incoming.calls {
                group.addImmediateTask { await self.perform(call) }
            }
        }
    }

    private func perform(_ call: IncomingCall) async {
        defer { incoming.end(call) }
        guard let name = CallTargets.name(of: call.target) else { return refuse(call, .unknownTarget) }
        guard let leader = leader(of: call.shard) else { return refuse(call, .notServing) }
        counter.count(\.taken)
        var decoder = CallDecoder(argument: call.argument)
        let handler = ReplyHandler(number: call.number, peer: call.peer, links: links)
        do {
            try await executeDistributedTarget(
                on: leader, target: RemoteCallTarget(name), invocationDecoder: &decoder, handler: handler)
        } catch {
            refuse(call, .unknownTarget)
        }
    }

    private func leader(of shard: ShardID) -> ShardLeader? {
        serving.withLock { serving in
            guard let leaders = serving?.leaders, Int(shard.rawValue) < leaders.count else { return nil }
            return leaders[Int(shard.rawValue)]
        }
    }

    /// Of the calls that other nodes have under way here.
    var incomingCount: Int { incoming.count }

    // MARK: - Distributed actors

    /// Where the leader of a shard of this node runs; nil for one of another node.
    func executor(of id: LeaderID) -> UnownedSerialExecutor? {
        guard id.node == node else { return nil }
        return serving.withLock { $0?.service.shards[id.shard].unownedExecutor }
    }

    func resolve<Act>(id: LeaderID, as _: Act.Type) throws -> Act? where Act: DistributedActor, Act.ID == LeaderID {
        guard id.node == node else { return nil }
        guard let leader = leader(of: id.shard) as? Act else { throw CallFailure.refused(.notServing) }
        return leader
    }

    func assignID<Act>(_: Act.Type) -> LeaderID where Act: DistributedActor, Act.ID == LeaderID {
        LeaderID(node: node, shard: ShardID(UInt16(serving.withLock { $0?.leaders.count ?? 0 })))
    }

    func actorReady<Act>(_ actor: Act) where Act: DistributedActor, Act.ID == LeaderID {
        guard let leader = actor as? ShardLeader else { preconditionFailure("the system has leaders of shards alone") }
        serving.withLock { $0?.leaders.append(leader) }
    }

    /// Leaders stay as long as the node.
    func resignID(_: LeaderID) {}

    func makeInvocationEncoder() -> CallEncoder { CallEncoder() }

    func remoteCall<Act, Err, Res>(
        on actor: Act, target: RemoteCallTarget, invocation: inout CallEncoder, throwing: Err.Type,
        returning: Res.Type
    ) async throws -> Res where Act: DistributedActor, Act.ID == LeaderID, Err: Error, Res: WireCodable {
        guard let target = CallTargets.number(of: target.identifier), let deadline = invocation.deadline else {
            preconditionFailure("\(target.identifier) has no number")
        }
        counter.count(\.sent)
        let (peer, shard, argument) = (actor.id.node, actor.id.shard, invocation.argument)
        let value = try await outgoing.call(
            peer, on: shard, bytes: argument.count, by: deadline
        ) { number in
            CallFrame.call(number, target, shard, argument)
        }
        return try Res(decoding: value)
    }

    func remoteCallVoid<Act, Err>(
        on actor: Act, target: RemoteCallTarget, invocation: inout CallEncoder, throwing: Err.Type
    ) async throws where Act: DistributedActor, Act.ID == LeaderID, Err: Error {
        preconditionFailure("every call on a leader is replied to with a value")
    }
}
