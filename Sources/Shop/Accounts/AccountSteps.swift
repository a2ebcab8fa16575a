import ActorSystem

/// The steps of this target, for the table of a node.
public enum AccountSteps {
    public static let all: [TakenStep] = [
        .step(RegisterAccount.self), .step(OpenSession.self), .step(RotateSession.self),
        .step(RecordLogInFailure.self), .step(ClearLogInFailures.self), .step(EndSession.self),
        .step(ChangePassword.self), .step(GrantRole.self), .step(PublishVerificationKey.self),
        .step(EraseOrders.self), .step(EraseAccount.self),
    ]
}
