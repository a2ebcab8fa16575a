import EventSourcing

/// What takes several steps, on any shard, and what lies between them, such as a payment: as a value.
///
/// The leader of its home shard performs it. It may be broken off at any `await`: what it owes by then stands in the
/// log, and the duties of the next leader do it.
public protocol ShardProcedure: LeaderCall {}

extension ShardMap {
    /// Has the leader of its home perform `procedure`.
    ///
    /// - Parameters:
    ///   - actor: the account that asks; nil for what the shop does by itself.
    ///   - here: performs it on this node.
    public func perform<Procedure: ShardProcedure>(
        _ procedure: Procedure, by actor: ActorID?,
        here: () async throws(ExecutionFailure) -> Result<Procedure.Answer, Procedure.Refusal>
    ) async throws(ExecutionFailure) -> Result<Procedure.Answer, Procedure.Refusal> {
        let home = self[procedure.slot]
        guard let route = home.route, home.journal.standing.leadership == nil else { return try await here() }
        return try await home.ask(procedure, by: actor, over: route)
    }
}

extension TakenStep {
    /// - Parameter perform: performs the procedure on this node.
    public static func procedure<Procedure: ShardProcedure>(
        _: Procedure.Type,
        _ perform: @escaping @Sendable (Procedure, ActorID?) async throws(ExecutionFailure) -> Result<
            Procedure.Answer, Procedure.Refusal
        >
    ) -> TakenStep {
        TakenStep(number: Procedure.number, name: "\(Procedure.self)") { call throws(MalformedBytes) in
            let procedure = try Procedure(decoding: call.step)
            return ReadCall(slot: procedure.slot) { shard, _ throws(ExecutionFailure) in
                // Passed on once and no further: the node that asks knows better by its next try.
                guard shard.journal.standing.leadership != nil else { throw .refused(.closed) }
                return BegunCall { () async throws(ExecutionFailure) in
                    StepReply(try await perform(procedure, call.actor)).encoded()
                }
            }
        }
    }
}
