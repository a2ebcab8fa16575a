import ActorSystem
import Cluster
import Consensus
import Distributed

/// Takes down the one argument of a call.
struct CallEncoder: DistributedTargetInvocationEncoder {
    typealias SerializationRequirement = WireCodable

    private(set) var argument: [UInt8] = []
    private(set) var deadline: ContinuousClock.Instant?

    mutating func recordArgument<Value: WireCodable>(_ argument: RemoteCallArgument<Value>) throws {
        argument.value.encode(into: &self.argument)
        deadline = (argument.value as? ShardCall)?.deadline
    }

    mutating func recordGenericSubstitution<Substitution>(_: Substitution.Type) throws {}
    mutating func recordErrorType<Failure: Error>(_: Failure.Type) throws {}
    mutating func recordReturnType<Value: WireCodable>(_: Value.Type) throws {}
    mutating func doneRecording() throws {}
}

/// Hands the one argument of a call to its target.
struct CallDecoder: DistributedTargetInvocationDecoder {
    typealias SerializationRequirement = WireCodable

    let argument: ArraySlice<UInt8>

    mutating func decodeNextArgument<Argument: WireCodable>() throws -> Argument {
        try Argument(decoding: argument)
    }

    mutating func decodeGenericSubstitutions() throws -> [any Any.Type] { [] }
    mutating func decodeErrorType() throws -> (any Any.Type)? { nil }
    mutating func decodeReturnType() throws -> (any Any.Type)? { nil }
}

/// Sends what came of a call back to its node.
struct ReplyHandler: DistributedTargetInvocationResultHandler {
    typealias SerializationRequirement = WireCodable

    let number: CallNumber
    let peer: NodeID
    let links: any PeerLinks

    func onReturn<Value: WireCodable>(value: Value) async throws { await send(CallFrame.reply(number, value)) }

    func onReturnVoid() async throws { preconditionFailure("every call on a leader is replied to with a value") }

    /// The target throws nothing: the runtime did not find it, or could not read its argument.
    func onThrow<Failure: Error>(error: Failure) async throws {
        await send(CallFrame.refusal(number, .unknownTarget))
    }

    /// A reply that finds no connection is lost: the caller has been told so by the end of the connection.
    private func send(_ frame: [UInt8]) async {
        if links.send(frame, on: .calls, to: peer) { return }
        try? await links.sendWhenRoom(frame, on: .calls, to: peer)
    }
}
