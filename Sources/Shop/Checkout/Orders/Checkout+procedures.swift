import ActorSystem
import Commerce
import EventSourcing

extension Checkout {
    /// The numbers of `procedures`.
    public static let procedureNumbers = [OrderRequest.number, ChangeAndRefund.number]

    /// What this node performs for its peers: for its table of steps.
    public var procedures: [TakenStep] {
        [
            .procedure(OrderRequest.self) { [self] request, _ async throws(ExecutionFailure) in
                try await perform(request)
            },
            .procedure(ChangeAndRefund.self) { [self] procedure, actor async throws(ExecutionFailure) in
                try await perform(procedure, by: actor)
            },
        ]
    }
}
